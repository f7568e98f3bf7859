import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Surroundings } from "./command.ts";
import { juju } from "./juju.ts";
import { type RunInput, recordedController } from "./recorded-controller.ts";

/** One recorded command line; without `difference` ours answers the same. */
export interface CliComparison {
  readonly name: string;
  /** The local model has this command. */
  readonly supported: boolean;
  readonly difference?: string;
  /** Why it differs on purpose. */
  readonly excused?: string;
}

interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface UsageCase extends Partial<Answer> {
  readonly argv: readonly string[];
  readonly "needs-controller"?: true;
}

interface RunCase extends Answer {
  readonly versions: readonly string[];
  readonly input: RunInput;
  readonly "sent-error"?: string;
}

const versions: Readonly<Record<string, string>> = { "3.6": "3.6.28", "4.0": "4.0.15", "4.1": "4.1-beta2" };

/** Command lines that are answered otherwise on purpose, and why. */
const deviations: readonly { readonly when: RegExp; readonly reason: string }[] = [
  {
    when: /: juju (switch|switch ctl:nope|controllers --format json|clouds --client)$/,
    reason: "the controller knows, not files of the client",
  },
  { when: /^3\.6: juju debug-log --(date|replay)/, reason: "the recorder had no certificates" },
  { when: /: operations-filter$/, reason: "the recorded controller filters nothing, the command does here" },
];

class NeedsController extends Error {}

async function answer(
  argv: readonly string[],
  version: string,
  connect: Surroundings["connect"],
): Promise<Answer> {
  let stdout = "";
  let stderr = "";
  const code = await juju(argv, {
    env: {},
    cwd: "/nonexistent",
    signal: new AbortController().signal,
    juju: versions[version] ?? version,
    terminal: false,
    out: (text) => {
      stdout += text;
    },
    err: (text) => {
      stderr += text;
    },
    input: async () => "",
    connect,
  });
  return { code, stdout, stderr };
}

function differenceOf(expected: Answer, actual: Answer): string | undefined {
  for (const key of ["code", "stdout", "stderr"] as const) {
    if (expected[key] !== actual[key]) {
      return `${key}: expected ${JSON.stringify(expected[key])}, got ${JSON.stringify(actual[key])}`;
    }
  }
  return undefined;
}

async function compareUsage(one: UsageCase, version: string): Promise<CliComparison> {
  const name = `${version}: juju ${one.argv.join(" ")}`;
  const result = (supported: boolean, difference?: string): CliComparison => {
    return { name, supported, ...(difference === undefined ? {} : { difference }) };
  };
  try {
    const actual = await answer(one.argv, version, async () => {
      throw new NeedsController();
    });
    const supported = !actual.stderr.includes("the local model does not support");
    // What needs the controller there may be refused here before, by the very text the controller gives.
    if (one["needs-controller"])
      return result(supported, `ended before connecting: ${JSON.stringify(actual)}`);
    return result(supported, differenceOf(one as Answer, actual));
  } catch (error) {
    if (!(error instanceof NeedsController)) throw error;
    return result(true, one["needs-controller"] ? undefined : "connects; Juju ends before");
  }
}

/** Recordings without any controller registered: here one is always there. */
function hasController(one: UsageCase): boolean {
  return !/No controllers registered|no current controller|no model name was passed|"controllers":null/.test(
    `${one.stderr}${one.stdout}`,
  );
}

async function compareRun(one: RunCase, version: string): Promise<CliComparison> {
  const name = `${version}: ${one.input.name}`;
  const actual = await answer(one.input.args, version, async () => recordedController(one.input));
  const refused = one["sent-error"];
  const expected = refused === undefined ? one : { code: 1, stdout: "", stderr: `ERROR ${refused}\n` };
  const difference = differenceOf(expected, actual);
  return { name, supported: true, ...(difference === undefined ? {} : { difference }) };
}

/**
 * Compares the command with a folder of recordings: `usage-VERSION.json` (command lines that Juju refuses or
 * answers without a controller) and `run.json` (tasks and operations as a controller would report them).
 * Recordings made without any controller are left out. The zone of this process must be UTC.
 */
export async function compareCli(folder: string): Promise<CliComparison[]> {
  const results: CliComparison[] = [];
  for (const file of readdirSync(folder).sort()) {
    const version = /^usage-(.+)\.json$/.exec(file)?.[1];
    const cases = file.endsWith(".json")
      ? (JSON.parse(readFileSync(join(folder, file), "utf8")) as unknown[])
      : [];
    if (version !== undefined) {
      for (const one of (cases as UsageCase[]).filter(hasController))
        results.push(await compareUsage(one, version));
    } else if (file === "run.json") {
      for (const one of cases as RunCase[])
        for (const each of one.versions) results.push(await compareRun(one, each));
    }
  }
  return results.map((one) => {
    const excuse =
      one.difference === undefined ? undefined : deviations.find(({ when }) => when.test(one.name));
    return excuse ? { ...one, excused: excuse.reason } : one;
  });
}
