/** Options, checked together and made ready for use; read once at start. */
import { readFileSync } from "node:fs";
import type { DecisionMode } from "./config.ts";
import { checkLog } from "./log/check.ts";
import { flattened } from "./options/alpha/flatten.ts";
import { readAlphaFile } from "./options/alpha/read.ts";
import { checkPeople, checkRequests, extraIssuersOf, networksOf } from "./options/check/access.ts";
import { checkCookies, checkSecret } from "./options/check/cookies.ts";
import { checkFormPost } from "./options/check/form-post.ts";
import { checkHeaders } from "./options/check/headers.ts";
import { checkListeners, checkPaths } from "./options/check/listeners.ts";
import { checkMode, decisionMode } from "./options/check/mode.ts";
import { checkProviders } from "./options/check/provider.ts";
import { checkSessions } from "./options/check/sessions.ts";
import { checkUpstreams } from "./options/check/upstreams.ts";
import { warningsOf } from "./options/check/warnings.ts";
import { type Fault, Faults, masked } from "./options/faults.ts";
import { flatStructure } from "./options/flat/structure.ts";
import { parseGoUrl } from "./options/go-url.ts";
import { type Options, type OptionsReading, readOptions } from "./options/read.ts";
import type { Structure } from "./options/structure.ts";
import { checkPages } from "./pages/check.ts";
import { proxyProblems } from "./provider/proxies.ts";
import { type RouteExpression, routeExpression } from "./rules/expression.ts";
import { skipRegex, skipRoute } from "./rules/skip-route.ts";
import type { Networks } from "./server/address.ts";
import { secretTexts } from "./session/cookie-secret.ts";

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
  /** The first is `cookieSecret`, which signs; each is good for what was signed before. */
  readonly cookieSecrets: readonly [string, ...string[]];
  /** Undefined in mode `compat` without `redirect_url`: then the request's own host is used. */
  readonly publicAddress: PublicAddress | undefined;
  /** Peers whose forwarded headers are believed. */
  readonly trusted: Networks;
  /** Clients that pass without login; undefined: none. */
  readonly trustedClients: Networks | undefined;
  /** Status of an allowed request on the root path. */
  readonly allowStatus: number;
  /** Routes that pass without login. */
  readonly skipAuth: readonly RouteExpression[];
  /** Addresses that are answered 401 instead of a login. */
  readonly apiRoutes: readonly RouteExpression[];
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

/** The cookie secret: the option's, else all of the file's; undefined when the file cannot be read. */
function secretOf(options: Options, strict: boolean, faults: Faults): string | undefined {
  const { cookie_secret, cookie_secret_file } = options;
  if (cookie_secret !== "" || cookie_secret_file === "") return cookie_secret;
  try {
    const bytes = readFileSync(cookie_secret_file);
    const text = bytes.toString("utf8");
    if (!bytes.equals(Buffer.from(text))) {
      faults.add("cookie_secret_file", "must hold text: write its bytes in URL-safe Base64");
      return undefined;
    }
    return strict ? text.replace(/[\r\n]+$/, "") : text;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    faults.add("cookie_secret_file", `must be readable, "${cookie_secret_file}" is not: ${code}`);
    return undefined;
  }
}

/** The address in redirect_url; undefined without one, or without a host in it. */
function publicAddress(
  { redirect_url: text, proxy_prefix }: Options,
  faults: Faults,
): PublicAddress | undefined {
  const parsed = parseGoUrl(text);
  if (parsed !== undefined && parsed.scheme === "" && parsed.host === "") return undefined;
  const url = parsed !== undefined && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol) || url.username !== "") {
    faults.add("redirect_url", `must be an http or https URL without a user, is "${masked(text)}"`);
    return undefined;
  }
  if (url.pathname === "/" || url.pathname === "") url.pathname = `${proxy_prefix}/callback`;
  const path = url.pathname.slice(0, url.pathname.lastIndexOf("/"));
  return { origin: url.origin, host: url.host, path, callback: url.href };
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

/** Routes that need no login. */
function openRoutes(options: Options, strict: boolean, faults: Faults): readonly RouteExpression[] {
  const read = strict ? routeExpression : skipRoute;
  return [
    ...options.skip_auth_routes.flatMap((text) => faults.collect("skip_auth_routes", () => [read(text)], [])),
    ...options.skip_auth_regex.flatMap((text) =>
      faults.collect("skip_auth_regex", () => [skipRegex(text)], []),
    ),
  ];
}

/** Everything that is checked and leaves nothing behind. */
function check(
  options: Options,
  structure: Structure,
  strict: boolean,
  faults: Faults,
  environment: Environment,
) {
  checkCookies(options, strict, faults);
  checkSessions(options, faults);
  checkHeaders(structure, options, environment, faults);
  checkProviders(structure, strict, environment, faults);
  checkUpstreams(structure, faults);
  checkMode(options, faults);
  checkPeople(options, faults);
  checkRequests(options, faults);
  checkListeners(structure, options, environment, faults);
  checkLog(options, faults);
  checkPages(options, faults);
  if (strict) checkPaths(options, faults);
  if (strict) checkFormPost(structure, options, faults);
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What was read, before it is checked; flat options repeat what an alpha configuration says. */
interface Configuration {
  readonly reading: OptionsReading;
  readonly options: Options;
  /** Undefined when an alpha configuration could not be read. */
  readonly structure: Structure | undefined;
  readonly faults: Faults;
}

/**
 * Reads the configuration without checking it.
 *
 * @throws {UsageError} When the command line has a fault.
 */
export function readConfiguration(environment: Environment, args: readonly string[]): Configuration {
  const reading = readOptions(environment, args);
  if (reading.usage.length > 0) throw new UsageError(reading.usage);
  const { alphaConfig } = reading.switches;
  const faults = new Faults(alphaConfig !== "");
  for (const problem of reading.problems) faults.say("", problem);
  const structure =
    alphaConfig === ""
      ? flatStructure(reading.options, faults)
      : readAlphaFile(alphaConfig, environment, faults);
  const repeated = alphaConfig === "" || structure === undefined ? {} : flattened(structure);
  return { reading, options: { ...reading.options, ...repeated }, structure, faults };
}

/**
 * Reads and checks the configuration.
 *
 * @throws {UsageError} When the command line has a fault.
 * @throws {ConfigurationError} Naming every other fault at once.
 */
export function readSettings(environment: Environment, args: readonly string[]): Settings {
  const { reading, options, structure, faults } = readConfiguration(environment, args);
  const mode = decisionMode(options.decision_mode) ?? "compat";
  const strict = mode !== "compat";
  const secret = secretOf(options, strict, faults);
  const fromFile = options.cookie_secret === "" && options.cookie_secret_file !== "";
  const cookieSecrets = secretTexts(secret ?? "", fromFile);
  if (secret !== undefined) for (const each of cookieSecrets) checkSecret(each, options, faults);
  const address = publicAddress(options, faults);
  if (structure === undefined) throw new ConfigurationError(faults.list);
  check(options, structure, strict, faults, environment);
  const [cookieSecret] = cookieSecrets;
  const settings: Settings = {
    options,
    structure,
    mode,
    cookieSecret,
    cookieSecrets,
    publicAddress: address,
    trusted: networksOf("trusted_proxy_ips", options, faults),
    trustedClients: options.trusted_ips.length === 0 ? undefined : networksOf("trusted_ips", options, faults),
    allowStatus: allowStatus(structure, strict, faults),
    skipAuth: openRoutes(options, strict, faults),
    apiRoutes: options.api_routes.flatMap((text) =>
      faults.collect("api_routes", () => [skipRegex(text)], []),
    ),
    extraIssuers: extraIssuersOf(options, faults),
    sessionLife: options.cookie_expire === 0 ? LONGEST_SESSION : options.cookie_expire,
    warnings: [
      ...reading.warnings,
      ...proxyProblems(environment),
      ...warningsOf({ options, structure, strict, cookieSecret, origin: address?.origin }),
    ],
  };
  if (faults.list.length > 0) throw new ConfigurationError(faults.list);
  return settings;
}
