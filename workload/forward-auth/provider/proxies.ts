/**
 * Which HTTP proxy a request goes through, by `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` as Go's net/http reads them, and so
 * oauth2-proxy: https knows `HTTPS_PROXY` only; loopback addresses are asked directly; `NO_PROXY` has names (`example.com` with
 * what is below it, `.example.com` or `*.example.com` only what is below), addresses and networks (`10.0.0.0/8`), each with a port
 * or without, or `*`. A variable in capitals comes first.
 *
 * @see golang/net: http/httpproxy
 * @module
 */
import { isIP } from "node:net";
import { subnets } from "../server/address.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The proxy of a URL: its address with what it is told of us; undefined: none. Throws `RangeError` for an address that is none. */
export type ProxyOf = (url: URL) => string | undefined;

const SCHEMES = ["http:", "https:", "socks5:"];

/** The first of a variable's spellings that is set. */
const variable = (environment: Environment, name: string): string =>
  environment[name] || environment[name.toLowerCase()] || "";

/**
 * The address of a proxy; a bare `host:port` is one of http. Undefined when the variable is not set.
 *
 * @throws {RangeError} Without the value, which may hold a password.
 */
export function proxyAddress(
  environment: Environment,
  name: "HTTP_PROXY" | "HTTPS_PROXY",
): string | undefined {
  const value = variable(environment, name);
  if (value === "") return undefined;
  const text = value.includes("://") ? value : `http://${value}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !SCHEMES.includes(url.protocol) || url.hostname === "")
    throw new RangeError(`Cannot use ${name}: should be the address of a proxy, such as http://proxy:3128`);
  return url.href;
}

/** What is wrong with the variables, in sentences; nothing is asked through a proxy that is none. */
export function proxyProblems(environment: Environment): readonly string[] {
  return (["HTTP_PROXY", "HTTPS_PROXY"] as const).flatMap((name) => {
    try {
      proxyAddress(environment, name);
      return [];
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return [error.message];
    }
  });
}

/** One entry of `NO_PROXY`. @param host In lower case, without brackets. */
type Exception = (host: string, port: string) => boolean;

/** `host:port` in two; the port is empty when there is none. An address of IPv6 with a port has brackets. */
function split(entry: string): readonly [host: string, port: string] {
  const [, bracketed, behind = ""] = /^\[([^\]]*)\](?::(\d+))?$/.exec(entry) ?? [];
  if (bracketed !== undefined) return [bracketed, behind];
  const [, host = entry, port = ""] = /^([^:]*):(\d+)$/.exec(entry) ?? [];
  return [host, port];
}

/** As Go reads a network: bits behind the prefix mean nothing. */
function network(entry: string): Exception | undefined {
  const [, address = "", bits = ""] = /^([^/]+)\/(\d{1,3})$/.exec(entry) ?? [];
  const family = isIP(address);
  if (family === 0 || Number(bits) > (family === 4 ? 32 : 128)) return undefined;
  const inside = subnets([{ address, bits: Number(bits) }]);
  return (host) => inside.has(host);
}

function address(host: string, port: string): Exception {
  const only = subnets([{ address: host, bits: isIP(host) === 4 ? 32 : 128 }]);
  return (asked, at) => (port === "" || port === at) && only.has(asked);
}

function exception(entry: string): Exception | undefined {
  const inside = network(entry);
  if (inside !== undefined) return inside;
  const [host, port] = split(entry);
  if (host === "") return undefined;
  if (isIP(host) !== 0) return address(host, port);
  const bare = host.replace(/^\*(?=\.)/, "");
  const below = bare.startsWith(".") ? bare : `.${bare}`;
  return (asked, at) =>
    (port === "" || port === at) && (asked.endsWith(below) || (bare !== below && asked === bare));
}

/** True for a host that is this machine. */
const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || /^127(?:\.\d+){3}$/.test(host);

/** Reads the variables. */
export function proxies(environment: Environment): ProxyOf {
  const entries = variable(environment, "NO_PROXY")
    .split(",")
    .map((entry) => entry.trim().toLowerCase());
  const all = entries.includes("*");
  const exceptions = entries.flatMap((entry) => exception(entry) ?? []);
  return ({ protocol, hostname, port }) => {
    const secure = protocol === "https:";
    const host = hostname.toLowerCase().replace(/^\[|\]$/g, "");
    const at = port || (secure ? "443" : "80");
    if (all || isLoopback(host) || exceptions.some((covers) => covers(host, at))) return undefined;
    return proxyAddress(environment, secure ? "HTTPS_PROXY" : "HTTP_PROXY");
  };
}
