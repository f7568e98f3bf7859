import type { CharmProgram } from "../contract.ts";
import { type HookOutcome, runHook } from "../runtime/run-hook.ts";
import type { Divergence } from "./divergence.ts";
import type { Recording } from "./recording.ts";
import { replayHooks } from "./replay-hooks.ts";
import { replayOutside } from "./replay-outside.ts";
import { ReplayedPebbles } from "./replay-pebble.ts";
import { Stage } from "./stage.ts";

/** How to replay. */
export interface ReplayOptions {
  /**
   * Values to put in place of `redacted-1` and so on, for a charm that looks into a secret: a certificate that it parses, for example.
   * Default: the placeholders themselves.
   */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** A replayed hook. */
export interface Replay extends HookOutcome {
  /** Ways in which it was not the recorded one; empty when it was. */
  readonly divergences: readonly Divergence[];
  /** What the charm logged, each line with its level; a failure with its stack. */
  readonly logs: readonly string[];
}

/**
 * Runs a charm over a recorded hook: the recorded environment, clock and answers. Touches neither Juju nor Pebble nor network. One at a
 * time in a process: `fetch` and the way to Kubernetes are the recording's meanwhile.
 *
 * Questions may come in any order and be repeated; each write must be one that was made then. Log lines are not compared. Of a
 * hook that was killed, what it does after that has no answers, and is no divergence.
 *
 * @throws {TypeError} When the recording is of another charm.
 *
 * @example
 * ```ts
 * const recording = parseRecording(await readFile("testdata/config-changed.json", "utf8"));
 * expect((await replay(charm, recording)).divergences).toEqual([]);
 * ```
 */
export async function replay(
  charm: CharmProgram,
  recording: Recording,
  options: ReplayOptions = {},
): Promise<Replay> {
  const { name } = charm.contract;
  if (recording.charm !== name) {
    throw new TypeError(`Cannot replay the recording: it is of "${recording.charm}", must be of "${name}"`);
  }
  const stage = new Stage(recording.revealed, options.secrets);
  const of = <Kind extends Recording["exchanges"][number]["kind"]>(kind: Kind) =>
    recording.exchanges.filter(
      (one): one is Extract<Recording["exchanges"][number], { kind: Kind }> => one.kind === kind,
    );
  const hooks = replayHooks(of("hook"), charm.contract, stage);
  const pebbles = new ReplayedPebbles(of("pebble"), of("websocket"), stage);
  const end = replayOutside(recording, stage);
  let outcome: HookOutcome;
  try {
    outcome = await runHook(charm, {
      env: recording.env,
      hooks,
      pebble: (container) => pebbles.transport(container),
      clock: { now: () => recording.started },
    });
  } finally {
    end();
  }
  const { divergences, logs } = stage;
  if (recording.outcome.ended === "signal") {
    // With everything asked that was asked then, the rest is what the hook was killed before.
    const isThrough = hooks.left() + pebbles.left === 0;
    return { ...outcome, logs, divergences: isThrough ? divergences.filter(isOfThen) : divergences };
  }
  hooks.finish();
  pebbles.finish();
  compareOutcome(recording.outcome, outcome, stage);
  return { ...outcome, divergences, logs };
}

const isOfThen = ({ kind }: Divergence): boolean => kind !== "not recorded";

function compareOutcome(
  recorded: Extract<Recording["outcome"], { ended: "exit" }>,
  replayed: HookOutcome,
  { diverged, secrets }: Stage,
): void {
  if (recorded.exitCode !== replayed.exitCode) {
    const [then, now] = [`${recorded.exitCode}`, `${replayed.exitCode}`];
    diverged({ kind: "different exit code", what: "the hook", recorded: then, replayed: now });
  }
  const text = (status?: { name: string; message: string }) =>
    `${status?.name ?? "none"}: ${status?.message ?? ""}`;
  const [then, now] = [text(recorded.status), secrets.clean(text(replayed.status))];
  if (then !== now) diverged({ kind: "different status", what: "the unit", recorded: then, replayed: now });
}
