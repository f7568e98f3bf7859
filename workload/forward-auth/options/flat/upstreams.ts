import { type Faults, masked } from "../faults.ts";
import { parseGoUrl } from "../go-url.ts";
import type { Options } from "../read.ts";
import type { UpstreamSettings } from "../structure.ts";

/** What upstreams have when nothing else is said. */
export const UPSTREAM_DEFAULTS = {
  id: "",
  path: "",
  rewriteTarget: "",
  uri: "",
  insecureSkipTlsVerify: false,
  static: false,
  staticCode: 200,
  flushInterval: 1000,
  passHostHeader: true,
  proxyWebSockets: true,
  timeout: 30_000,
  disableKeepAlives: false,
} as const satisfies UpstreamSettings;

/** Options that mean nothing for an upstream without a connection. */
export const STATIC_DEFAULTS = {
  ...UPSTREAM_DEFAULTS,
  passHostHeader: false,
  proxyWebSockets: false,
} as const;

/** `static://<code>`; a host that is no number means 200. */
function staticUpstream(text: string, host: string, path: string): UpstreamSettings {
  const staticCode = /^[+-]?\d{1,9}$/.test(host) ? Number(host) : 200;
  return { ...STATIC_DEFAULTS, id: text, path, static: true, staticCode };
}

/** One upstream of the flat options: the path of its URL is its key, the fragment of a `file` URL takes its place. */
function upstreamOf(text: string, options: Options): UpstreamSettings | undefined {
  const url = parseGoUrl(text);
  if (url === undefined) return undefined;
  const path = url.path === "" ? "/" : url.path;
  if (url.scheme === "static") return staticUpstream(text, url.host, path);
  const moved = url.scheme === "file" && url.fragment !== "";
  const key = moved ? url.fragment : path;
  return {
    ...UPSTREAM_DEFAULTS,
    id: key,
    path: url.scheme === "unix" ? "/" : key,
    uri: moved ? (text.split("#", 1)[0] ?? "") : text,
    insecureSkipTlsVerify: options.ssl_upstream_insecure_skip_verify,
    passHostHeader: options.pass_host_header,
    proxyWebSockets: options.proxy_websockets,
    flushInterval: options.flush_interval,
    timeout: options.upstream_timeout,
    disableKeepAlives: options.disable_keep_alives,
  };
}

/** The upstreams of the flat options; those that are none become faults. */
export function flatUpstreams(options: Options, faults: Faults): readonly UpstreamSettings[] {
  return options.upstreams.flatMap((text) => {
    const upstream = upstreamOf(text, options);
    if (upstream !== undefined) return [upstream];
    faults.add("upstreams", `must be URLs, "${masked(text)}" is none`);
    return [];
  });
}
