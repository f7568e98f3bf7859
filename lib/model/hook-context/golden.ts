/**
 * Replays recorded hook commands and compares every byte. The recordings are described in the README
 * of the folder of golden files.
 *
 * @module
 */

import type { HookWorld } from "../world.ts";
import { HookContext } from "./context.ts";
import { FlushError, OperationError } from "./errors.ts";
import { GoldenController } from "./golden-controller.ts";
import { controllerCalls, type Difference, firstDifference, shrink, stretch } from "./golden-values.ts";
import type { ImmediateCall, JujuVersion } from "./types.ts";

/** The file `hook-tools.json`. */
export interface HookToolsGolden {
  readonly contexts: Readonly<Record<string, HookWorld>>;
  readonly cases: readonly HookToolsCase[];
}

/** One call, or several in one hook and the flush that ends it. */
export interface HookToolsCase extends Partial<RecordedCall> {
  readonly id: number;
  readonly versions: readonly string[];
  readonly context: string;
  readonly patch?: unknown;
  readonly note?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly steps?: readonly RecordedCall[];
  readonly commit?: unknown;
  readonly "flush-error"?: string;
  readonly "controller-calls"?: unknown;
  readonly "controller-errors"?: readonly string[];
}

export interface RecordedCall {
  readonly args: readonly string[];
  readonly stdin?: string;
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly "rpc-error"?: string;
  readonly "asked-stdin"?: boolean;
  readonly log?: unknown;
}

/** How one case went under one version. */
export interface GoldenResult {
  readonly id: number;
  readonly version: string;
  readonly command: string;
  /** Absent: everything recorded is the same. */
  readonly difference?: Difference;
}

const charmDir = "/charm";
const agentDir = "/agent";

/** Replays all cases, each under every version that recorded it. */
export function replayHookTools(
  golden: HookToolsGolden,
  options: { readonly filter?: (recorded: HookToolsCase) => boolean } = {},
): GoldenResult[] {
  const chosen = golden.cases.filter((recorded) => options.filter?.(recorded) ?? true);
  return chosen.flatMap((recorded) =>
    recorded.versions.map((version) => {
      const difference = replayCase(golden, recorded, version);
      const command = (recorded.args ?? recorded.steps?.[0]?.args)?.[0] ?? "";
      return { id: recorded.id, version, command, ...(difference === undefined ? {} : { difference }) };
    }),
  );
}

function replayCase(
  golden: HookToolsGolden,
  recorded: HookToolsCase,
  version: string,
): Difference | undefined {
  const base = golden.contexts[recorded.context];
  if (base === undefined) return { what: "context", expected: recorded.context, actual: undefined };
  try {
    const world = mergePatch(base, recorded.patch) as HookWorld;
    return new Replay(world, recorded, parseVersion(version)).compare();
  } catch (error) {
    // A replay that breaks is a case that does not agree; the others still count.
    return { what: "replay", expected: "an answer", actual: String(error) };
  }
}

class Replay {
  readonly #world: HookWorld;
  readonly #recorded: HookToolsCase;
  readonly #context: HookContext;
  readonly #immediate: ImmediateCall[] = [];
  #secrets = 0;

  constructor(world: HookWorld, recorded: HookToolsCase, version: JujuVersion) {
    this.#world = world;
    this.#recorded = recorded;
    const inCharm = Object.entries({ "metadata.yaml": "name: web\n", ...recorded.files });
    const files = new Map(inCharm.map(([name, text]) => [`${charmDir}/${name}`, encode(text)]));
    this.#context = new HookContext({
      world,
      version,
      agentDir,
      newSecretId: () => {
        this.#secrets += 1;
        return `9m4e2mr0ui3e8a21${String(this.#secrets).padStart(3, "0")}g`;
      },
      now: () => new Date("2026-01-02T03:04:05Z"),
      files: {
        read: (path) => files.get(path),
        write: (path, bytes) => void files.set(path, bytes),
      },
      onImmediate: (call) => {
        if (call.kind === "reboot-now") throw new OperationError("no process to kill");
        this.#immediate.push(call);
      },
      controller: new GoldenController(world, recorded["controller-errors"] ?? []),
    });
  }

  compare(): Difference | undefined {
    const { steps } = this.#recorded;
    if (steps === undefined)
      return this.#compareCall(this.#recorded as RecordedCall, "") ?? this.#compareCalls([]);
    for (const [index, step] of steps.entries()) {
      const difference = this.#compareCall(step, `step ${index + 1}: `);
      if (difference !== undefined) return difference;
    }
    return this.#compareFlush();
  }

  #compareCall(recorded: RecordedCall, where: string): Difference | undefined {
    const logged = this.#immediate.length;
    const [command = "", ...args] = recorded.args.map((text) =>
      stretch(text).replaceAll("<charm-dir>", charmDir).replaceAll("<agent-dir>", agentDir),
    );
    const dir = { dir: charmDir };
    let answer = this.#context.run(command, args, undefined, dir);
    const asked = answer.needsStdin === true;
    if (asked) answer = this.#context.run(command, args, encode(stretch(recorded.stdin ?? "")), dir);
    const actual = {
      code: answer.exitCode,
      stdout: this.#shown(answer.stdout),
      stderr: this.#shown(answer.stderr),
      "rpc-error": answer.refused ?? "",
      "asked-stdin": asked,
      log: logOf(this.#immediate.slice(logged)),
    };
    const expected = {
      code: recorded.code,
      stdout: stretch(recorded.stdout),
      stderr: stretch(recorded.stderr),
      "rpc-error": recorded["rpc-error"] ?? "",
      "asked-stdin": recorded["asked-stdin"] ?? false,
      log: stretchAll(recorded.log ?? []),
    };
    return firstDifference(expected, actual, where);
  }

  #shown(bytes: Uint8Array): string {
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
    return text.replaceAll(`${charmDir}/`, "<charm-dir>/").replaceAll(`${agentDir}/`, "<agent-dir>/");
  }

  #compareFlush(): Difference | undefined {
    const refusal = (this.#world as { readonly "fail-commit"?: string })["fail-commit"];
    let flushError = refusal;
    let commit: unknown;
    try {
      commit = this.#context.commit();
    } catch (error) {
      if (!(error instanceof FlushError)) throw error;
      flushError = error.message;
    }
    const inAction = this.#world.action !== undefined && this.#world.action !== null;
    const expected = {
      commit: this.#recorded.commit ?? null,
      "flush-error": this.#recorded["flush-error"] ?? "",
    };
    const actual = { commit: commit ?? null, "flush-error": inAction ? "" : (flushError ?? "") };
    const finish = inAction ? [this.#finish(flushError)] : [];
    return (
      firstDifference(stretchAll(expected), actual, "flush: ", "any order") ?? this.#compareCalls(finish)
    );
  }

  /** The report of an action's end, which the runner makes of the context's result. */
  #finish(flushError: string | undefined): unknown {
    const { results, failed } = this.#context.actionResult;
    const broken = flushError === undefined ? {} : { "return-code": "1", stderr: flushError };
    const all = { ...results, ...broken };
    const message =
      failed?.message ?? (flushError === undefined ? "" : "committing requested changes failed");
    const result = {
      "action-tag": `action-${this.#world.action?.["id"]}`,
      status: failed !== undefined || flushError !== undefined ? "failed" : "completed",
      ...(Object.keys(all).length === 0 ? {} : { results: all }),
      ...(message === "" ? {} : { message }),
    };
    return { call: "Uniter.FinishActions", args: { results: [result] } };
  }

  #compareCalls(finish: readonly unknown[]): Difference | undefined {
    const actual = [...controllerCalls(this.#world, this.#immediate), ...finish];
    return firstDifference(
      { calls: stretchAll(this.#recorded["controller-calls"] ?? []) },
      { calls: actual },
      "",
    );
  }
}

/** What the recorder's log configuration let through. */
function logOf(calls: readonly ImmediateCall[]): unknown[] {
  return calls
    .filter((call) => call.kind === "log")
    .filter((call) => call.level !== "TRACE" && call.level !== "UNSPECIFIED")
    .map(({ level, module, message }) => ({ level, module, message }));
}

function stretchAll(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_, item) => (typeof item === "string" ? stretch(item) : item));
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function parseVersion(text: string): JujuVersion {
  const [major = 0, minor = 0] = text.split(".").map(Number);
  return { major, minor };
}

/** JSON merge patch, RFC 7396. */
function mergePatch(target: unknown, patch: unknown): unknown {
  if (patch === undefined) return target;
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const base = typeof target === "object" && target !== null && !Array.isArray(target) ? target : {};
  const merged = new Map<string, unknown>(Object.entries(base));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}

/** One line about a case that differs. */
export function describeResult(result: GoldenResult): string {
  const { difference } = result;
  const head = `case ${result.id} (${result.version}, ${result.command})`;
  if (difference === undefined) return `${head}: agrees`;
  return `${head}: ${difference.what}: expected ${shrink(difference.expected)}, got ${shrink(difference.actual)}`;
}
