/** What the load balancer publishes. */
export interface Published {
  /** Host name or IP address. */
  readonly address?: string;
  /** Public ports, in the order of the Service's: web, websecure. */
  readonly ports: readonly { readonly port: number }[];
}

/** Where the gateway is reached from outside. */
export interface Gateway {
  readonly scheme: "http" | "https";
  /** Host name or IP address, without port; an IPv6 address in brackets. */
  readonly host: string;
  /** `host`, with `:port` when that is not the scheme's own. */
  readonly authority: string;
  /** Public port for HTTPS. */
  readonly httpsPort: number;
}

const HOST = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i;
const OWN_PORT = { http: 80, https: 443 } as const;

interface HostAndPort {
  readonly host: string;
  readonly port?: number;
}

/** Splits `host` or `host:port`; `undefined` for anything else. */
function split(text: string): HostAndPort | undefined {
  const [, host = "", digits] = /^([^:]*)(?::(\d{1,5}))?$/.exec(text) ?? [];
  const port = Number(digits ?? 80);
  if (!HOST.test(host) || host.length > 253 || port < 1 || port > 65_535) return undefined;
  if (!URL.canParse(`http://${host}`)) return undefined;
  return digits === undefined ? { host: host.toLowerCase() } : { host: host.toLowerCase(), port };
}

/** The rule that a host name breaks, or nothing. */
export const hostFault = (text: string): string | undefined =>
  split(text) ? undefined : "must be a host name, perhaps with a port, without scheme and path";

/**
 * Where the gateway is reached.
 *
 * @param options.externalHostname Option of the charm; wins over the load balancer's address. Its port is
 *   that of HTTPS while TLS is on, else of HTTP.
 * @returns `undefined` while there is no address.
 */
export function gateway(options: {
  readonly externalHostname: string | undefined;
  readonly published: Published | undefined;
  readonly tls: boolean;
}): Gateway | undefined {
  const { externalHostname, published, tls } = options;
  const scheme = tls ? "https" : "http";
  const given = externalHostname === undefined ? undefined : split(externalHostname);
  const host = given?.host ?? published?.address;
  if (host === undefined || host === "") return undefined;
  const [web, websecure] = published?.ports ?? [];
  const httpsPort = (tls ? given?.port : undefined) ?? websecure?.port ?? OWN_PORT.https;
  const port = tls ? httpsPort : (given?.port ?? web?.port ?? OWN_PORT.http);
  const bracketed = host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
  return {
    scheme,
    host: bracketed,
    authority: port === OWN_PORT[scheme] ? bracketed : `${bracketed}:${port}`,
    httpsPort,
  };
}
