/** Options, checked together and made ready for use; read once at start. */
import { readFileSync } from "node:fs";
import type { DecisionMode } from "./config.ts";
import { checkLog } from "./log/check.ts";
import { checkCookies, checkSecret } from "./options/check/cookies.ts";
import { warningsOf } from "./options/check/warnings.ts";
import { type Fault, Faults } from "./options/faults.ts";
import { flatStructure } from "./options/flat/structure.ts";
import { namesOf } from "./options/names.ts";
import { type Options, type OptionsReading, readOptions } from "./options/read.ts";
import { PROVIDER_TYPES, type Structure } from "./options/structure.ts";
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
  /** Every flat option by oauth2-proxy's key, defaults of the decision mode included. */
  readonly options: Options;
  /** Listeners, upstreams, injected headers, providers. */
  readonly structure: Structure;
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
  readonly faults: readonly Fault[];
  /** The faults' sentences. */
  readonly problems: readonly string[];
  constructor(faults: readonly Fault[]) {
    const problems = faults.map(({ message }) => message);
    super(`invalid configuration:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
    this.name = "ConfigurationError";
    this.faults = faults;
    this.problems = problems;
  }
}

/** The command line cannot be read; nothing else was looked at. */
export class UsageError extends Error {
  readonly code = "ERR_USAGE";
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.name = "UsageError";
    this.problems = problems;
  }
}

/** Bytes of the cookie secret: the option's, else all of the file's; undefined when the file cannot be read. */
function secretOf(options: Options, strict: boolean, faults: Faults): Buffer | undefined {
  const { cookie_secret, cookie_secret_file } = options;
  if (cookie_secret !== "" || cookie_secret_file === "") return Buffer.from(cookie_secret);
  try {
    const bytes = readFileSync(cookie_secret_file);
    return strict ? Buffer.from(bytes.toString("utf8").replace(/[\r\n]+$/, "")) : bytes;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    faults.add("cookie_secret_file", `must be readable, "${cookie_secret_file}" is not: ${code}`);
    return undefined;
  }
}

function publicAddress(text: string, prefix: string, faults: Faults): PublicAddress | undefined {
  if (text === "" || text.startsWith("/")) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol) || url.username !== "") {
    faults.add("redirect_url", `must be an http or https URL, is "${text}"`);
    return undefined;
  }
  if (url.pathname === "/" || url.pathname === "") url.pathname = `${prefix}/callback`;
  const path = url.pathname.slice(0, url.pathname.lastIndexOf("/"));
  return { origin: url.origin, host: url.host, path, callback: url.href };
}

function checkPaths(options: Options, faults: Faults): void {
  const own = ["proxy_prefix", "ping_path", "ready_path"] as const;
  for (const key of own) {
    if (!/^(?:\/[\w.~-]+)+$/.test(options[key])) {
      faults.add(key, `must be a path such as "/x", is "${options[key]}"`);
    }
  }
  if (options.ping_path === options.ready_path) faults.add("ping_path", "must differ from ready_path");
}

/** Status of an allowed request on the root path; without an upstream there nothing is found. */
function allowStatus({ upstreams }: Structure, strict: boolean, faults: Faults): number {
  const root = upstreams.find(({ path }) => path === "/");
  if (root === undefined) return strict && upstreams.length === 0 ? 200 : 404;
  const status = root.static ? root.staticCode : 502;
  if (strict && (upstreams.length > 1 || status < 200 || status > 299)) {
    faults.add("upstreams", 'must be one "static://200" or another 2xx code in this decision_mode');
  }
  return status;
}

function issuerPair(text: string): { readonly issuer: string; readonly audience: string } {
  const at = text.indexOf("=");
  const issuer = text.slice(0, at);
  if (at < 1 || at === text.length - 1 || !URL.canParse(issuer)) {
    throw new RangeError(`Cannot read extra JWT issuer "${text}": should be issuer=audience`);
  }
  return { issuer, audience: text.slice(at + 1) };
}

/** Every value of `decision_mode`. */
const DECISION_MODES: readonly DecisionMode[] = [
  "compat",
  "forwarded",
  "nginx-ingress",
  "envoy-http",
  "envoy-grpc",
];

const decisionMode = (text: string): DecisionMode | undefined => DECISION_MODES.find((mode) => mode === text);

function checkMode(options: Options, faults: Faults): void {
  const { decision_mode, redirect_url, grpc_address, rules_file, skip_auth_routes } = options;
  if (decisionMode(decision_mode) === undefined) {
    faults.add("decision_mode", `must be one of ${DECISION_MODES.join(", ")}, is "${decision_mode}"`);
  }
  if (decision_mode === "envoy-grpc" && grpc_address === "") {
    faults.say(
      "grpc_address",
      'decision_mode "envoy-grpc" needs grpc_address: the HTTP listener decides nothing in this mode',
    );
  }
  if (decision_mode !== "compat" && !/^https?:\/\//.test(redirect_url)) {
    faults.say(
      "redirect_url",
      `decision_mode "${decision_mode}" needs redirect_url: users are sent to its host to sign in`,
    );
  }
  if (rules_file !== "" && skip_auth_routes.length > 0) {
    faults.say(
      "rules_file",
      "skip_auth_routes and rules_file exclude each other: open paths belong to one application",
    );
  }
  const { email_domains, authenticated_emails_file, htpasswd_file } = options;
  if (
    email_domains.length === 0 &&
    authenticated_emails_file === "" &&
    htpasswd_file === "" &&
    rules_file === ""
  ) {
    faults.say(
      "email_domains",
      `missing setting for email validation: ${namesOf("email_domains")}, authenticated_emails_file, htpasswd_file or rules_file; "*" as email domain admits every address`,
    );
  }
}

/** Providers; in the explicit modes one without an issuer is a provider that is not known yet. */
function checkProviders({ providers }: Structure, strict: boolean, faults: Faults): void {
  for (const { type, oidc, clientId, clientSecret, clientSecretFile } of providers) {
    if (!(PROVIDER_TYPES as readonly string[]).includes(type)) {
      faults.add("provider", `must be one of ${PROVIDER_TYPES.join(", ")}, is "${type}"`);
    }
    const known = oidc.issuerUrl !== "";
    if (known && !/^https?:\/\/[^\s?#]+$/.test(oidc.issuerUrl)) {
      faults.add("oidc_issuer_url", `must be an http or https URL, is "${oidc.issuerUrl}"`);
    }
    if (strict && !known) continue;
    if (clientId === "") faults.say("client_id", `provider missing setting: ${namesOf("client_id")}`);
    if (clientSecret === "" && clientSecretFile === "") {
      faults.say(
        "client_secret",
        `missing setting: ${namesOf("client_secret")} or ${namesOf("client_secret_file")}`,
      );
    }
  }
}

/**
 * Reads and checks the configuration.
 *
 * @throws {UsageError} When the command line has a fault.
 * @throws {ConfigurationError} Naming every other fault at once.
 */
export function readSettings(
  environment: Readonly<Record<string, string | undefined>>,
  args: readonly string[],
): Settings {
  const reading: OptionsReading = readOptions(environment, args);
  if (reading.usage.length > 0) throw new UsageError(reading.usage);
  const { options } = reading;
  const faults = new Faults();
  for (const problem of reading.problems) faults.say("", problem);
  const strict = options.decision_mode !== "compat";
  const structure = flatStructure(options, faults);
  const secret = secretOf(options, strict, faults);
  checkSecret(secret, options, faults);
  checkCookies(options, strict, faults);
  if (strict) checkPaths(options, faults);
  checkMode(options, faults);
  checkLog(options, faults);
  checkProviders(structure, strict, faults);
  const address = publicAddress(options.redirect_url, options.proxy_prefix, faults);
  const settings: Settings = {
    options,
    structure,
    mode: decisionMode(options.decision_mode) ?? "compat",
    cookieSecret: secret?.toString("utf8") ?? "",
    publicAddress: address,
    trusted: faults.collect("trusted_proxy_ips", () => networks(options.trusted_proxy_ips), networks([])),
    allowStatus: allowStatus(structure, strict, faults),
    skipAuth: options.skip_auth_routes.flatMap((text) =>
      faults.collect("skip_auth_routes", () => [routeExpression(text)], []),
    ),
    extraIssuers: options.extra_jwt_issuers.flatMap((text) =>
      faults.collect("extra_jwt_issuers", () => [issuerPair(text)], []),
    ),
    sessionLife: options.cookie_expire === 0 ? LONGEST_SESSION : options.cookie_expire,
    warnings: [...reading.warnings, ...warningsOf(options, address?.origin)],
  };
  if (faults.list.length > 0) throw new ConfigurationError(faults.list);
  return settings;
}
