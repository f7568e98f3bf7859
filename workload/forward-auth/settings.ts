/** Options, checked together and made ready for use; read once at start. */
import { readFileSync } from "node:fs";
import type { DecisionMode } from "./config.ts";
import { type OptionsReading, readOptions } from "./options/read.ts";
import type { OptionKey } from "./options/table.ts";
import { type RouteExpression, routeExpression } from "./rules/expression.ts";
import { type Networks, networks } from "./server/address.ts";

/** Longest life of a session when `cookie_expire` is 0, in milliseconds. */
const LONGEST_SESSION = 168 * 3_600_000;

/** Where users reach the sign-in endpoints. */
export interface PublicAddress {
  /** `https://gw.localhost:8443`. */
  readonly origin: string;
  /** `gw.localhost:8443`. */
  readonly host: string;
  /** Path of the endpoints as users see it: `/iam-oauth2-proxy-k8s/oauth2`. */
  readonly path: string;
  /** The whole redirect URI. */
  readonly callback: string;
}

/** How the program is set up. */
export interface Settings {
  readonly options: OptionsReading["options"];
  readonly mode: DecisionMode;
  readonly cookieSecret: string;
  /** Undefined in mode `compat` without `redirect_url`: then the request's own host is used. */
  readonly publicAddress: PublicAddress | undefined;
  readonly trusted: Networks;
  /** Status of an allowed request on the root path. */
  readonly allowStatus: number;
  readonly skipAuth: readonly RouteExpression[];
  readonly extraIssuers: readonly { readonly issuer: string; readonly audience: string }[];
  /** Milliseconds; the server refuses older sessions. */
  readonly sessionLife: number;
  /** Sentences worth a line in the log. */
  readonly warnings: readonly string[];
}

/** The configuration does not hold together. */
export class ConfigurationError extends Error {
  readonly code = "ERR_CONFIGURATION";
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`invalid configuration:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
    this.name = "ConfigurationError";
    this.problems = problems;
  }
}

/** Length of the key that oauth2-proxy would make of a cookie secret, in bytes. */
function secretLength(secret: string): number {
  const text = secret.replace(/=+$/, "");
  const decoded = /^[\w-]*$/.test(text) && text.length % 4 !== 1 ? Buffer.from(text, "base64url").length : 0;
  return [16, 24, 32].includes(decoded) ? decoded : Buffer.byteLength(secret);
}

/** Reads a secret from its option or its file. A line break at the end of the file is not part of it. */
function secretOf(direct: string, file: string, name: string, problems: string[]): string {
  if (direct !== "" || file === "") return direct;
  try {
    return readFileSync(file, "utf8").replace(/[\r\n]+$/, "");
  } catch (error) {
    problems.push(`Cannot read ${name} "${file}": ${(error as NodeJS.ErrnoException).code}`);
    return "";
  }
}

function checkCookies(options: OptionsReading["options"], secret: string, problems: string[]): void {
  const length = secretLength(secret);
  if (secret === "") problems.push("missing setting: cookie-secret or cookie-secret-file");
  else if (![16, 24, 32].includes(length)) {
    problems.push(
      `cookie_secret must be 16, 24, or 32 bytes to create an AES cipher, but is ${Buffer.byteLength(secret)} bytes`,
    );
  }
  if (!/^[\w!#$%&'*+.^`|~-]{1,200}$/.test(options.cookie_name)) problems.push("invalid cookie name");
  if (!["", "lax", "strict", "none"].includes(options.cookie_samesite)) {
    problems.push(
      `cookie_samesite ("${options.cookie_samesite}") must be one of ['', 'lax', 'strict', 'none']`,
    );
  }
  if (options.cookie_samesite === "none" && !options.cookie_secure) {
    problems.push('cookie_samesite "none" needs cookie_secure: browsers refuse the cookie otherwise');
  }
  if (options.cookie_expire !== 0 && options.cookie_refresh >= options.cookie_expire) {
    problems.push("cookie_refresh must be less than cookie_expire");
  }
  if (!/^\/[\x21-\x3a\x3c-\x7e]*$/.test(options.cookie_path)) problems.push("cookie_path must be a path");
  for (const domain of options.cookie_domains) {
    if (!/^\.?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i.test(domain))
      problems.push(`cookie domain "${domain}" is none`);
  }
  const hostOnly =
    options.cookie_secure && options.cookie_path === "/" && options.cookie_domains.length === 0;
  if (options.cookie_name.startsWith("__Host-") && !hostOnly) {
    problems.push('a cookie name with "__Host-" needs cookie_secure, cookie_path "/" and no cookie domain');
  }
}

function publicAddress(text: string, prefix: string, problems: string[]): PublicAddress | undefined {
  if (text === "" || text.startsWith("/")) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol) || url.username !== "") {
    problems.push(`redirect_url "${text}" must be an http or https URL`);
    return undefined;
  }
  if (url.pathname === "/" || url.pathname === "") url.pathname = `${prefix}/callback`;
  const path = url.pathname.slice(0, url.pathname.lastIndexOf("/"));
  return { origin: url.origin, host: url.host, path, callback: url.href };
}

function checkPaths(options: OptionsReading["options"], problems: string[]): void {
  const own = ["proxy_prefix", "ping_path", "ready_path"] as const;
  for (const key of own) {
    if (!/^(?:\/[\w.~-]+)+$/.test(options[key]))
      problems.push(`${key} "${options[key]}" must be a path such as "/x"`);
  }
  if (options.ping_path === options.ready_path) problems.push("ping_path and ready_path must differ");
}

/** Status of `static://<code>`, 200 without an upstream. */
function allowStatus(upstreams: readonly string[], problems: string[]): number {
  if (upstreams.length === 0) return 200;
  const code = Number(/^static:\/\/(2\d\d)\/?$/.exec(upstreams[0] ?? "")?.[1]);
  if (upstreams.length === 1 && code) return code;
  problems.push(
    'upstreams must be one "static://200" or another 2xx code: forwarding to upstreams is not supported',
  );
  return 200;
}

/** Runs a reading that may throw `RangeError`; its message becomes a problem. */
function collect<T>(problems: string[], read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    problems.push(error.message);
    return otherwise;
  }
}

function issuerPair(text: string): { readonly issuer: string; readonly audience: string } {
  const at = text.indexOf("=");
  const issuer = text.slice(0, at);
  if (at < 1 || at === text.length - 1 || !URL.canParse(issuer)) {
    throw new RangeError(`Cannot read extra JWT issuer "${text}": should be issuer=audience`);
  }
  return { issuer, audience: text.slice(at + 1) };
}

function checkMode({ options, given }: OptionsReading, problems: string[]): void {
  if (options.decision_mode !== "compat" && options.decision_mode !== "forwarded") {
    problems.push(`decision_mode must be "compat" or "forwarded", is "${options.decision_mode}"`);
  }
  if (options.decision_mode === "forwarded" && !/^https?:\/\//.test(options.redirect_url)) {
    problems.push('decision_mode "forwarded" needs redirect_url: users are sent to its host to sign in');
  }
  if (options.provider !== "oidc") problems.push(`provider must be "oidc", is "${options.provider}"`);
  if (options.rules_file !== "" && options.skip_auth_routes.length > 0) {
    problems.push("skip_auth_routes and rules_file exclude each other: open paths belong to one application");
  }
  const gates: readonly OptionKey[] = ["email_domains", "authenticated_emails_file", "rules_file"];
  if (!gates.some((gate) => given.has(gate))) {
    problems.push(
      "missing setting for email validation: email-domain, authenticated-emails-file or rules-file required",
    );
  }
  const known = options.oidc_issuer_url !== "";
  if (known && !/^https?:\/\/[^\s?#]+$/.test(options.oidc_issuer_url))
    problems.push("oidc_issuer_url must be an http or https URL");
  if (known && options.client_id === "") problems.push("missing setting: client-id");
  if (known && options.client_secret === "" && options.client_secret_file === "") {
    problems.push("missing setting: client-secret or client-secret-file");
  }
}

function warningsOf({ options }: OptionsReading, address: PublicAddress | undefined): string[] {
  const warnings: string[] = [];
  const say = (when: boolean, text: string) => when && warnings.push(text);
  const open = options.email_domains.includes("*");
  say(
    open && options.authenticated_emails_file !== "",
    'email_domains "*" makes authenticated_emails_file ineffective',
  );
  say(
    options.ssl_insecure_skip_verify,
    "the provider's certificate is not verified (ssl_insecure_skip_verify)",
  );
  say(options.oidc_issuer_url === "", "no oidc_issuer_url: nobody can sign in");
  say(options.oidc_issuer_url.startsWith("http:"), "the provider is reached without TLS");
  say(
    options.cookie_domains.length > 0,
    "cookie_domains lets every host below the domain read and set the session cookie",
  );
  const secure = options.cookie_secure;
  say(
    secure && address?.origin.startsWith("http:") === true,
    "redirect_url is http while cookies are Secure: browsers will not send them",
  );
  say(
    !secure && address?.origin.startsWith("https:") === true,
    "cookies are not Secure although redirect_url is https",
  );
  say(
    options.skip_auth_routes.some((route) => !/(?:^|=)\^/.test(route)),
    "a skip_auth_route without ^ matches anywhere in a path",
  );
  return warnings;
}

/**
 * Reads and checks the configuration.
 *
 * @throws {ConfigurationError} Naming every fault at once.
 */
export function readSettings(
  environment: Readonly<Record<string, string | undefined>>,
  args: readonly string[],
): Settings {
  const reading = readOptions(environment, args);
  const { options } = reading;
  const problems = [...reading.problems];
  const cookieSecret = secretOf(
    options.cookie_secret,
    options.cookie_secret_file,
    "cookie_secret_file",
    problems,
  );
  checkCookies(options, cookieSecret, problems);
  checkPaths(options, problems);
  checkMode(reading, problems);
  const address = publicAddress(options.redirect_url, options.proxy_prefix, problems);
  const settings: Settings = {
    options,
    mode: options.decision_mode === "forwarded" ? "forwarded" : "compat",
    cookieSecret,
    publicAddress: address,
    trusted: collect(problems, () => networks(options.trusted_proxy_ips), networks([])),
    allowStatus: allowStatus(options.upstreams, problems),
    skipAuth: options.skip_auth_routes.flatMap((text) =>
      collect(problems, () => [routeExpression(text)], []),
    ),
    extraIssuers: options.extra_jwt_issuers.flatMap((text) =>
      collect(problems, () => [issuerPair(text)], []),
    ),
    sessionLife: options.cookie_expire === 0 ? LONGEST_SESSION : options.cookie_expire,
    warnings: warningsOf(reading, address),
  };
  if (problems.length > 0) throw new ConfigurationError(problems);
  return settings;
}
