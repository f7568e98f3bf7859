/** Hosts as browsers and gateways send them, and the patterns that name several. */

/** A host with the port that was meant, lower case. */
export interface HostReading {
  readonly name: string;
  /** As sent, undefined when none was. */
  readonly port: number | undefined;
}

const NAME = /^(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?$/;
const V6 = /^\[[0-9a-f:.]{2,45}\]$/;

/** Reads `host` or `host:port`; undefined for anything else, such as two values, user info, a path or a final dot. */
export function readHost(text: string): HostReading | undefined {
  if (text.length > 255) return undefined;
  const [, name = "", port] = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(text.toLowerCase()) ?? [];
  if (!NAME.test(name) && !V6.test(name)) return undefined;
  const number = port === undefined ? undefined : Number(port);
  return number !== undefined && (number < 1 || number > 65_535) ? undefined : { name, port: number };
}

/** The port that a scheme has when the URL names none. */
export function defaultPort(scheme: string): number {
  return scheme === "https" ? 443 : 80;
}

/** Decides whether a host is one of those that a pattern names. */
export interface HostPattern {
  readonly text: string;
  /** @param scheme `http` or `https`: decides the port of a host that names none. */
  matches(host: HostReading, scheme: string): boolean;
}

/** What the name part of a pattern covers. */
interface NamePattern {
  readonly name: string;
  /** True when the pattern began with a dot or `*.`. */
  readonly below: boolean;
}

function readPattern(text: string): (NamePattern & { readonly port: number | "*" | undefined }) | undefined {
  const [, wild, rest = "", any] = /^(\*?\.)?(.*?)(:\*)?$/.exec(text.toLowerCase()) ?? [];
  const host = readHost(rest);
  if (host === undefined || (any !== undefined && host.port !== undefined)) return undefined;
  return { name: host.name, below: wild !== undefined, port: any === undefined ? host.port : "*" };
}

/**
 * Compiles `host`, `host:port`, `host:*`, `.domain`, `*.domain`.
 *
 * @param options.apex True when `.domain` and `*.domain` name the domain itself too, as in oauth2-proxy's whitelist_domains.
 * @returns Undefined when the text is no pattern.
 */
export function hostPattern(text: string, options: { readonly apex: boolean }): HostPattern | undefined {
  const pattern = readPattern(text);
  if (pattern === undefined) return undefined;
  const { name, below, port } = pattern;
  const suffix = `.${name}`;
  const named = (host: string) =>
    below ? host.endsWith(suffix) || (options.apex && host === name) : host === name;
  const ported = (host: HostReading, scheme: string) =>
    port === "*" || (host.port ?? defaultPort(scheme)) === (port ?? defaultPort(scheme));
  return { text, matches: (host, scheme) => named(host.name) && ported(host, scheme) };
}
