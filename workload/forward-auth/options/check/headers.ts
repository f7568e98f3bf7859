import type { Faults } from "../faults.ts";
import type { Options } from "../read.ts";
import type { HeaderSettings, HeaderValueSettings, SecretSource, Structure } from "../structure.ts";
import { unreadable } from "./files.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What is wrong with a secret; undefined when it is there. */
export function noSecret(source: SecretSource, environment: Environment): string | undefined {
  if ("value" in source) return source.value === "" ? "needs a value" : undefined;
  if ("fromEnv" in source) {
    return environment[source.fromEnv] ? undefined : `must be in a variable, "${source.fromEnv}" is not set`;
  }
  const reason = unreadable(source.fromFile);
  return reason === undefined
    ? undefined
    : `must be in a file that can be read, "${source.fromFile}" cannot: ${reason}`;
}

function badValue(value: HeaderValueSettings, environment: Environment): string | undefined {
  if ("secretSource" in value) return noSecret(value.secretSource, environment);
  const { claim, basicAuthPassword } = value.claimSource;
  if (claim === "") return "has a claim without a name";
  const reason = basicAuthPassword === undefined ? undefined : noSecret(basicAuthPassword, environment);
  return reason === undefined ? undefined : `needs basic_auth_password, which ${reason}`;
}

/** Claims that a session has only with the provider's tokens. */
const TOKENS: readonly string[] = ["access_token", "id_token", "refresh_token"];

function tokenOf(header: HeaderSettings): string | undefined {
  const claims = header.values.map((value) => ("claimSource" in value ? value.claimSource.claim : ""));
  return claims.find((claim) => TOKENS.includes(claim));
}

type Place = "injectRequestHeaders" | "injectResponseHeaders";

/** The flat option that makes a header, for messages. */
function optionOf(place: Place, header: HeaderSettings) {
  const claimed = header.values.find((value) => "claimSource" in value);
  const prefix = claimed !== undefined && "claimSource" in claimed ? claimed.claimSource.prefix : "";
  const request = place === "injectRequestHeaders";
  if (prefix === "Basic ") return request ? "pass_basic_auth" : "set_basic_auth";
  if (prefix === "Bearer ") return request ? "pass_authorization_header" : "set_authorization_header";
  if (tokenOf(header) === "access_token") return "pass_access_token";
  return request ? "pass_user_headers" : "set_xauthrequest";
}

/** Names that are there and differ, sources that can be read. */
function checkList(
  place: Place,
  headers: readonly HeaderSettings[],
  environment: Environment,
  faults: Faults,
): void {
  const seen = new Set<string>();
  for (const [index, header] of headers.entries()) {
    const say = (must: string) => faults.structured(optionOf(place, header), `${place}[${index}]`, must);
    if (header.name === "") say(`is a header with an empty name`);
    else if (seen.has(header.name)) {
      say(`makes a second header "${header.name}": header names must be unique`);
    }
    seen.add(header.name);
    for (const value of header.values) {
      const reason = badValue(value, environment);
      if (reason !== undefined) say(`${reason} (header "${header.name}")`);
    }
  }
}

/** Injected headers, and that sessions hold what they need. */
export function checkHeaders(
  structure: Structure,
  options: Options,
  environment: Environment,
  faults: Faults,
): void {
  const lists = [
    ["injectRequestHeaders", structure.requestHeaders],
    ["injectResponseHeaders", structure.responseHeaders],
  ] as const;
  for (const [place, headers] of lists) {
    checkList(place, headers, environment, faults);
    if (!options.session_cookie_minimal) continue;
    for (const header of headers) {
      const token = tokenOf(header);
      if (token === undefined || token === "refresh_token") continue;
      faults.add("session_cookie_minimal", `must be off: header "${header.name}" needs the ${token}`);
    }
  }
}
