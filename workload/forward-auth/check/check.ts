/** `check`: explains the configuration, the providers and an enforcement point, and says what to do about what is wrong. */
import { createLog } from "../log/log.ts";
import { watchTrustStore } from "../server/trust-store.ts";
import { type Settings, UsageError } from "../settings.ts";
import { checkConfiguration } from "./configuration.ts";
import { asJson, asText, type Finding } from "./finding.ts";
import { checkGateway } from "./gateway.ts";
import { checkProviders } from "./provider.ts";
import { checkStore } from "./store.ts";

/** The text of `check --help`. */
const CHECK_USAGE = `Usage of oauth2-proxy check:
  oauth2-proxy check [--url URL [--as EMAIL]] [--offline] [--json] [options of oauth2-proxy]

Reads the configuration as the program would, from flags, variables and files, and says what does not hold together, what the
provider and Redis answer, and whether the gateway in front of an application asks as it should.

  --url URL     An application's address that needs a login: asked as a stranger, as a script and with forged headers.
  --as EMAIL    Ask it also as somebody who is signed in, with a session of one request made with the cookie secret.
  --offline     Leave out the provider and Redis.
  --json        For programs: {"valid": true, "findings": [{"level", "topic", "option", "text", "fix"}]}.

Exit code: 0 without problems (warnings count as none), 1 with problems, 2 when the command line cannot be read.
`;

interface CheckArguments {
  readonly url: URL | undefined;
  readonly as: string | undefined;
  readonly offline: boolean;
  readonly json: boolean;
  readonly help: boolean;
  /** Arguments that are options of the program. */
  readonly rest: readonly string[];
}

/** @throws {UsageError} When an argument of ours cannot be read. */
function readCheckArguments(args: readonly string[]): CheckArguments {
  const own = { url: undefined as string | undefined, as: undefined as string | undefined };
  const rest: string[] = [];
  const waiting = [...args];
  for (let argument = waiting.shift(); argument !== undefined; argument = waiting.shift()) {
    const [, name, , inline] = /^--(url|as)(=([\s\S]*))?$/.exec(argument) ?? [];
    if (name !== "url" && name !== "as") rest.push(argument);
    else {
      own[name] = inline ?? waiting.shift();
      if (own[name] === undefined) throw new UsageError([`Cannot read --${name}: flag needs an argument`]);
    }
  }
  const url = own.url === undefined ? undefined : readUrl(own.url);
  if (own.as !== undefined && url === undefined) throw new UsageError(["Cannot read --as: it needs --url"]);
  const switches = ["--offline", "--json", "--help", "-h"];
  const has = (...names: readonly string[]) => names.some((name) => rest.includes(name));
  return {
    url,
    as: own.as,
    offline: has("--offline"),
    json: has("--json"),
    help: has("--help", "-h"),
    rest: rest.filter((argument) => !switches.includes(argument)),
  };
}

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "https:" || url?.protocol === "http:") return url;
  throw new UsageError([`Cannot read --url: must be an http or https URL, is "${text.slice(0, 200)}"`]);
}

/** The process trusts what the program would. */
function trust(settings: Settings, environment: NodeJS.ProcessEnv): void {
  const silent = createLog(settings.options, { write: () => {} });
  watchTrustStore(environment, silent, 60_000, () => {})();
}

/** How a check ends. */
export interface CheckEnd {
  readonly code: 0 | 1 | 2;
  readonly out: string;
  readonly err: string;
}

/** Runs the checks. Nothing is changed, but for a session of `--as`, which ends after a minute. */
export async function check(environment: NodeJS.ProcessEnv, args: readonly string[]): Promise<CheckEnd> {
  try {
    const { url, as, offline, json, help, rest } = readCheckArguments(args);
    if (help) return { code: 0, out: CHECK_USAGE, err: "" };
    const { findings: first, settings } = checkConfiguration(environment, rest, url);
    const findings: Finding[] = [...first];
    if (settings !== undefined) {
      trust(settings, environment);
      if (!offline) findings.push(...(await checkProviders(settings)), ...(await checkStore(settings)));
      if (url !== undefined) findings.push(...(await checkGateway({ url, as }, settings)));
    }
    const code = findings.some(({ level }) => level === "problem") ? 1 : 0;
    return { code, out: json ? asJson(findings) : asText(findings), err: "" };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { code: 2, out: "", err: `${CHECK_USAGE}\n${error.message}\n` };
  }
}
