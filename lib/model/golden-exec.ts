/**
 * Replays hook commands that were called through `juju exec` on a real Juju: permissions, unknown things,
 * changes refused at commit.
 *
 * Identifiers that the controller makes up and times are compared by shape. Lines that need a shell or a
 * program of the machine are counted as left out.
 *
 * @module
 */

import { probeCharm, probeModel } from "./golden-probe.ts";
import { parseShell } from "./golden-shell.ts";
import type { Model } from "./model.ts";
import type { HookRun } from "./run.ts";

export interface RecordedExec {
  readonly unit: string;
  readonly cmd: string;
  readonly status: string;
  readonly message: string;
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ExecReport {
  readonly expected: number;
  readonly matched: number;
  readonly leftOut: readonly string[];
  readonly faults: readonly string[];
}

const START = Date.UTC(2026, 10, 23, 19, 6, 29);
const DECODER = new TextDecoder();

/** What the probe charm does in its hooks. */
function behave(run: HookRun, created: Set<string>): void {
  const env = run.environment;
  const call = (...argv: string[]) => DECODER.decode(run.context.run(argv[0]!, argv.slice(1)).stdout).trim();
  const relation = env["JUJU_RELATION_ID"] ?? "";
  if (run.name === "start") call("status-set", "active", "up");
  if (run.kind === "relation-created") call("relation-set", "-r", relation, `from=${run.unit}`);
  if (run.name === "server-relation-joined" && call("is-leader") === "True" && !created.has(relation)) {
    created.add(relation);
    const uri = call("secret-add", "--label", `l-${relation}`, "password=one");
    call("secret-grant", uri, "-r", relation);
    call("relation-set", "-r", relation, "--app", `secret=${uri}`);
  }
}

function settle(model: Model): void {
  const created = new Set<string>();
  for (let unit = model.runnable()[0]; unit !== undefined; unit = model.runnable()[0]) {
    const run = model.next(unit);
    if (!run) continue;
    behave(run, created);
    run.finish({ exitCode: 0 });
  }
}

/** The model of the recording: `pa/0`, `pb/0`, `pb/1` (leader) and an unrelated `hello/0`. */
function recordedModel(): Model {
  const model = probeModel({ now: () => START }, { relations: 1, tasks: 20 });
  for (const [charm, app] of [
    ["hello", "hello"],
    ["probe-a", "pa"],
    ["probe-b", "pb"],
  ] as const) {
    model.deploy(probeCharm(charm), { app, to: "0" });
  }
  model.addUnits("pb", 1, { to: "0" });
  model.setLeader("pb/1");
  model.integrate("pa:client", "pb:server");
  settle(model);
  return model;
}

/** Replaces what cannot be the same twice. */
function masked(text: string, secrets: Map<string, string>): string {
  return text
    .replaceAll(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, "<uuid>")
    .replaceAll(/\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?Z/g, "<time>")
    .replaceAll(/\b[0-9a-v]{20}\b/g, (id) => secrets.get(id) ?? id)
    .replace(/^\["<.*"\]\n$/, (list) => `${JSON.stringify((JSON.parse(list) as string[]).sort())}\n`);
}

/** Names the secrets both sides print, in the order they first appear. */
function learn(
  recorded: string,
  own: string,
  maps: readonly [Map<string, string>, Map<string, string>],
): void {
  const ids = (text: string) => text.match(/\b[0-9a-v]{20}\b/g) ?? [];
  const [theirs, ours] = [ids(recorded), ids(own)];
  theirs.forEach((id, at) => {
    const other = ours[at];
    if (maps[0].has(id) || other === undefined || maps[1].has(other)) return;
    maps[0].set(id, `<secret ${maps[0].size}>`);
    maps[1].set(other, `<secret ${maps[1].size}>`);
  });
}

interface Outcome {
  readonly status: string;
  readonly message: string;
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

function execute(model: Model, recorded: RecordedExec, translate: (text: string) => string): Outcome {
  const task = model.enqueueExec(recorded.unit, recorded.cmd);
  const run = model.next(recorded.unit);
  if (!run) return { status: "nothing ran", message: "", code: -1, stdout: "", stderr: "" };
  let [stdout, stderr, exitCode] = ["", "", 0];
  for (const { argv, onlyAfterSuccess } of parseShell(translate(recorded.cmd))) {
    if (onlyAfterSuccess && exitCode !== 0) break;
    const answer = run.context.run(argv[0] ?? "", argv.slice(1));
    stdout += DECODER.decode(answer.stdout);
    stderr += DECODER.decode(answer.stderr);
    exitCode = answer.exitCode;
  }
  run.finish({ exitCode, stdout, stderr });
  const { status, message, results } = model.task(task.id);
  const output = (key: string) => String(results?.[key] ?? "");
  const code = results?.["return-code"];
  return { status, message, code, stdout: output("stdout"), stderr: output("stderr") };
}

function needsMachine(cmd: string): boolean {
  return cmd.includes("|") || cmd.startsWith("leader-get");
}

/** A command that failed with a code of its own counts as completed in the recording's fields. */
function comparable(o: Outcome, secrets: Map<string, string>): string {
  const ran = o.status === "failed" && o.message === `exit status ${o.code}`;
  const [status, message] = ran ? ["completed", ""] : [o.status, o.message];
  return JSON.stringify([status, message, o.code, masked(o.stdout, secrets), masked(o.stderr, secrets)]);
}

/** Plays the recorded commands in their order. */
export function replayExec(results: readonly RecordedExec[]): ExecReport {
  const model = recordedModel();
  const maps: [Map<string, string>, Map<string, string>] = [new Map(), new Map()];
  const faults: string[] = [];
  const leftOut: string[] = [];
  let matched = 0;
  const translate = (text: string) =>
    text.replaceAll(/\b[0-9a-v]{20}\b/g, (id) => {
      const name = maps[0].get(id);
      return [...maps[1]].find(([, own]) => own === name)?.[0] ?? id;
    });
  for (const recorded of results) {
    if (needsMachine(recorded.cmd)) {
      leftOut.push(recorded.cmd);
      continue;
    }
    const outcome = execute(model, recorded, translate);
    learn(recorded.stdout + recorded.stderr, outcome.stdout + outcome.stderr, maps);
    settle(model);
    const [own, theirs] = [comparable(outcome, maps[1]), comparable(recorded, maps[0])];
    if (own === theirs) matched += 1;
    else faults.push(`${recorded.unit} ${recorded.cmd}: ${own}, must be ${theirs}`);
  }
  return { expected: results.length - leftOut.length, matched, leftOut, faults };
}
