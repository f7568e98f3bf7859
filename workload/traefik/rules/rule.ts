/** What a rule can see of a request. */
export interface Matchable {
  readonly method: string;
  /** Lower case, without port. */
  readonly host: string;
  /** Decoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  header(name: string): readonly string[];
  readonly clientIp: string;
}

/** Whether a request fits. */
export type Match = (request: Matchable) => boolean;

/** The rule is none that Traefik 3 knows; only its router is disabled. */
export class RuleFault extends Error {
  readonly code = "ERR_RULE";
  override readonly name = "RuleFault";
}

type Token = { readonly kind: "name" | "text" | "op"; readonly value: string };

const TOKEN = /\s*(?:(`[^`]*`|"(?:[^"\\]|\\.)*")|([A-Za-z]+)|(&&|\|\||[!(),]))/y;

/** A literal of a rule. Escapes are those of JSON; others that Go has are a fault. */
function unquoted(literal: string): string {
  if (literal.startsWith("`")) return literal.slice(1, -1);
  try {
    return JSON.parse(literal) as string;
  } catch (error) {
    throw new RuleFault(`Cannot parse rule: ${literal} has an unknown escape`, { cause: error });
  }
}

function tokens(rule: string): Token[] {
  const found: Token[] = [];
  TOKEN.lastIndex = 0;
  let end = 0;
  for (let match = TOKEN.exec(rule); match; match = TOKEN.exec(rule)) {
    end = TOKEN.lastIndex;
    const [, quoted, name, op] = match;
    if (quoted !== undefined) {
      found.push({ kind: "text", value: unquoted(quoted) });
    } else if (name !== undefined) found.push({ kind: "name", value: name });
    else found.push({ kind: "op", value: op ?? "" });
  }
  if (rule.slice(end).trim() !== "")
    throw new RuleFault(`Cannot parse rule: unexpected "${rule.slice(end).trim().slice(0, 20)}"`);
  return found;
}

function regexp(pattern: string | undefined): RegExp {
  try {
    return new RegExp(pattern ?? "", "u");
  } catch (error) {
    throw new RuleFault(`Cannot use regular expression "${pattern}"`, { cause: error });
  }
}

const count = (name: string, args: readonly string[], ...allowed: readonly number[]): void => {
  if (!allowed.includes(args.length))
    throw new RuleFault(`Cannot use ${name}: it has ${args.length} arguments`);
};

const slashFirst = (name: string, path: string | undefined): string => {
  if (!path?.startsWith("/")) throw new RuleFault(`Cannot use ${name}: path "${path}" must begin with /`);
  return path;
};

function inRange(ip: string, range: string): boolean {
  const [base = "", bits] = range.split("/");
  if (bits === undefined) return ip === base;
  const number = (address: string) => address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const shift = 2 ** (32 - Number(bits));
  return Math.floor(number(ip) / shift) === Math.floor(number(base) / shift);
}

const matchers: Readonly<Record<string, (args: readonly string[]) => Match>> = {
  Host(args) {
    count("Host", args, 1);
    const wanted = (args[0] ?? "").toLowerCase().replace(/\.$/, "");
    if (!/^[\x21-\x7e]+$/.test(wanted)) throw new RuleFault(`Cannot use Host: "${args[0]}" is no host`);
    return ({ host }) => host.replace(/\.$/, "") === wanted;
  },
  HostRegexp(args) {
    count("HostRegexp", args, 1);
    const pattern = regexp(args[0]);
    return ({ host }) => pattern.test(host);
  },
  Path(args) {
    count("Path", args, 1);
    const wanted = slashFirst("Path", args[0]);
    return ({ path }) => path === wanted;
  },
  PathPrefix(args) {
    count("PathPrefix", args, 1);
    const prefix = slashFirst("PathPrefix", args[0]);
    return ({ path }) => path.startsWith(prefix);
  },
  PathRegexp(args) {
    count("PathRegexp", args, 1);
    const pattern = regexp(args[0]);
    return ({ path }) => pattern.test(path);
  },
  Method(args) {
    count("Method", args, 1);
    const wanted = (args[0] ?? "").toUpperCase();
    return ({ method }) => method === wanted;
  },
  Header(args) {
    count("Header", args, 2);
    return (request) => request.header(args[0] ?? "").includes(args[1] ?? "");
  },
  HeaderRegexp(args) {
    count("HeaderRegexp", args, 2);
    const pattern = regexp(args[1]);
    return (request) => request.header(args[0] ?? "").some((value) => pattern.test(value));
  },
  Query(args) {
    count("Query", args, 1, 2);
    const [key = "", value] = args;
    return ({ query }) => (value === undefined ? query.get(key) === "" : query.getAll(key).includes(value));
  },
  QueryRegexp(args) {
    count("QueryRegexp", args, 1, 2);
    const [key = "", value] = args;
    const pattern = regexp(value);
    return ({ query }) => query.getAll(key).some((given) => pattern.test(given));
  },
  ClientIP(args) {
    count("ClientIP", args, 1);
    return ({ clientIp }) => inRange(clientIp, args[0] ?? "");
  },
};

/**
 * Compiles a rule of Traefik 3.
 *
 * @throws {RuleFault} `ERR_RULE`
 */
export function compileRule(rule: string): Match {
  const all = tokens(rule);
  let at = 0;
  const take = (value: string): void => {
    if (all[at]?.value !== value || all[at]?.kind !== "op")
      throw new RuleFault(`Cannot parse rule "${rule}": "${value}" is missing`);
    at += 1;
  };
  const isOp = (value: string): boolean => all[at]?.kind === "op" && all[at]?.value === value;
  const call = (): Match => {
    const name = all[at++]?.value ?? "";
    take("(");
    const args: string[] = [];
    while (all[at]?.kind === "text") {
      args.push(all[at++]?.value ?? "");
      if (isOp(",")) at += 1;
    }
    take(")");
    const make = Object.hasOwn(matchers, name) ? matchers[name] : undefined;
    if (!make) throw new RuleFault(`Cannot parse rule "${rule}": unknown matcher "${name}"`);
    return make(args);
  };
  const unary = (): Match => {
    if (isOp("!")) {
      at += 1;
      const inner = unary();
      return (request) => !inner(request);
    }
    if (isOp("(")) {
      at += 1;
      const inner = either();
      take(")");
      return inner;
    }
    if (all[at]?.kind !== "name") throw new RuleFault(`Cannot parse rule "${rule}": a matcher is missing`);
    return call();
  };
  const both = (): Match => {
    let left = unary();
    while (isOp("&&")) {
      at += 1;
      const [one, other] = [left, unary()];
      left = (request) => one(request) && other(request);
    }
    return left;
  };
  function either(): Match {
    let left = both();
    while (isOp("||")) {
      at += 1;
      const [one, other] = [left, both()];
      left = (request) => one(request) || other(request);
    }
    return left;
  }
  const match = either();
  if (at !== all.length) throw new RuleFault(`Cannot parse rule "${rule}": unexpected "${all[at]?.value}"`);
  return match;
}
