/** What oauth2-proxy tells while it starts, from the same settings. */

import { INSECURE_REDIRECT, PRIVATE_PROXIES } from "../options/check/warnings.ts";
import { formatDuration } from "../options/duration.ts";
import type { UpstreamSettings } from "../options/structure.ts";
import type { Context } from "../server/context.ts";
import type { Settings } from "../settings.ts";

/** A line and the place in oauth2-proxy's source that writes it: filters on it keep working. */
export interface StartLine {
  readonly file: string;
  readonly text: string;
  /** The warning of ours that says the same. */
  readonly warning?: string;
}

const line = (file: string, text: string): StartLine => ({ file, text });

/** Types whose provider is found by discovery. */
const DISCOVERED = new Set(["oidc", "keycloak-oidc", "entra-id", "adfs", "cidaas", "gitlab", "google"]);

function mapping({ path, uri, static: fixed, staticCode }: UpstreamSettings): StartLine {
  if (fixed) return line("proxy.go:80", `mapping path "${path}" => static response ${staticCode}`);
  if (!uri.startsWith("file:")) return line("proxy.go:92", `mapping path "${path}" => upstream "${uri}"`);
  const folder = uri.replace(/^file:(?:\/\/)?/, "").replace(/#.*$/, "");
  return line("proxy.go:86", `mapping path "${path}" => file system "${folder}"`);
}

/** Longest path first, as requests are matched. */
const mappings = (upstreams: readonly UpstreamSettings[]): StartLine[] =>
  upstreams.toSorted((a, b) => b.path.length - a.path.length).map(mapping);

function files({ options }: Settings): StartLine[] {
  const { authenticated_emails_file: emails, htpasswd_file: users } = options;
  const watched = (file: string) => line("watcher.go:40", `watching '${file}' for updates`);
  return [
    ...(emails === ""
      ? []
      : [line("validator.go:29", `using authenticated emails file ${emails}`), watched(emails)]),
    ...(users === "" ? [] : [line("oauthproxy.go:132", `using htpasswd file: ${users}`), watched(users)]),
  ];
}

function tokens({ options, structure }: Settings): StartLine[] {
  if (!options.skip_jwt_bearer_tokens) return [];
  const issuer = structure.providers[0]?.oidc.issuerUrl ?? "";
  return [
    line("oauthproxy.go:166", `Skipping JWT tokens from configured OIDC issuer: "${issuer}"`),
    ...options.extra_jwt_issuers.map((extra) =>
      line("oauthproxy.go:168", `Skipping JWT tokens from extra JWT issuer: "${extra}"`),
    ),
  ];
}

function cookies({ options }: Settings): StartLine {
  const { cookie_name, cookie_secure, cookie_httponly, cookie_expire, cookie_domains, cookie_path } = options;
  const refresh =
    options.cookie_refresh === 0 ? "disabled" : `after ${formatDuration(options.cookie_refresh)}`;
  return line(
    "oauthproxy.go:186",
    `Cookie settings: name:${cookie_name} secure(https):${cookie_secure} httponly:${cookie_httponly} ` +
      `expiry:${formatDuration(cookie_expire)} domains:${cookie_domains.join(",")} path:${cookie_path} ` +
      `samesite:${options.cookie_samesite} refresh:${refresh}`,
  );
}

/** `GET=^/a`: method and expression as oauth2-proxy splits them. */
function route(text: string): StartLine {
  const [, method = "", path = text] = /^([\s\S]*?)!?=([\s\S]*)$/.exec(text) ?? [];
  return line("oauthproxy.go:519", `Skipping auth - Method: ${method.toUpperCase()} | Path: ${path}`);
}

function routes({ options }: Settings): StartLine[] {
  return [
    ...options.skip_auth_regex.map((path) =>
      line("oauthproxy.go:492", `Skipping auth - Method: ALL | Path: ${path}`),
    ),
    ...options.skip_auth_routes.map(route),
    ...options.api_routes.map((path) => line("oauthproxy.go:539", `API route - Path: ${path}`)),
  ];
}

const INSECURE = "WARNING: no explicit redirect URL: redirects will default to insecure HTTP";

/** The difference is ours: private addresses only. */
const TRUSTED =
  "WARNING: --reverse-proxy is enabled but no --trusted-proxy-ip CIDRs were configured. Connecting IPs of loopback, link-local " +
  "and private ranges are trusted to supply X-Forwarded-* headers; configure --trusted-proxy-ip to match your reverse proxy addresses.";

/**
 * The lines of a start in mode `compat`, in oauth2-proxy's order.
 *
 * @param providerName Name of the first provider for people.
 */
function startLines(settings: Settings, providerName: string): readonly StartLine[] {
  const { options, structure } = settings;
  const [first] = structure.providers;
  const insecure = !options.cookie_secure && options.redirect_url === "" && !options.reverse_proxy;
  const discovered = first !== undefined && DISCOVERED.has(first.type) && !first.oidc.skipDiscovery;
  return [
    ...(insecure ? [{ ...line("options.go:78", INSECURE), warning: INSECURE_REDIRECT }] : []),
    ...files(settings),
    ...(discovered ? [line("provider.go:55", "Performing OIDC Discovery...")] : []),
    ...mappings(structure.upstreams),
    ...tokens(settings),
    line(
      "oauthproxy.go:180",
      `OAuthProxy configured for ${providerName} Client ID: ${first?.clientId ?? ""}`,
    ),
    cookies(settings),
    ...routes(settings),
    ...(options.reverse_proxy && options.trusted_proxy_ips.length === 0
      ? [{ ...line("oauthproxy.go:404", TRUSTED), warning: PRIVATE_PROXIES }]
      : []),
  ];
}

/** Tells what oauth2-proxy tells while it starts, in mode `compat`, and the warnings of the settings that are not among it. */
export function tellStart(context: Context): void {
  const { settings, log } = context;
  const lines = settings.mode === "compat" ? startLines(settings, context.provider.displayName) : [];
  for (const { file, text } of lines) log.info(text, { file });
  if (settings.mode === "compat") tellTemplates(context);
  const told = lines.map(({ warning }) => warning);
  for (const warning of settings.warnings) if (!told.includes(warning)) log.warn(warning);
}

function tellTemplates({ pages, log }: Context): void {
  for (const path of pages.missing) {
    const message = `Could not load file ${path}: stat ${path}: no such file or directory, will use default template`;
    log.error(message, { file: "templates.go:73" });
  }
}
