import type { CharmProgram } from "../../charm/contract.ts";
import { runHook } from "../../charm/runtime/run-hook.ts";
import { inProcess } from "../../hook/in-process.ts";
import type { HookTransport } from "../../hook/transport.ts";
import type { HookRun } from "../../model/index.ts";
import {
  type ContainerPebble,
  type FakeContainerOptions,
  lookAt,
  pebbleOf,
} from "../pebble/container-pebble.ts";
import { GivenPebble } from "../pebble/given-pebble.ts";

/** The hook's process was killed: nothing it does afterwards counts. */
class Killed extends Error {}

/** How a hook came to its end. */
export type HookEnd = "ended" | "failed" | "killed";

/** One unit of a fake model: its containers, and the way its hooks run. */
export class FakeUnit {
  readonly name: string;
  readonly pebbles: ReadonlyMap<string, ContainerPebble>;
  /** Those of them that are not in memory. */
  readonly given: readonly GivenPebble[];
  /** Changes when the charm is upgraded in place. */
  program: CharmProgram;
  /** How many more hook commands the running hook may make before it is killed. */
  killAfter: number | undefined;

  constructor(
    name: string,
    program: CharmProgram,
    containers: Readonly<Record<string, FakeContainerOptions | undefined>>,
  ) {
    this.name = name;
    this.program = program;
    const names = Object.keys(program.contract.containers ?? {});
    this.pebbles = new Map(
      names.map((container) => [container, pebbleOf(container, containers[container], name)]),
    );
    this.given = [...this.pebbles.values()].filter((pebble) => pebble instanceof GivenPebble);
  }

  /** Runs an open hook to its end, or until it is killed. */
  async run(run: HookRun, now: () => number): Promise<HookEnd> {
    const limit = this.killAfter ?? Number.POSITIVE_INFINITY;
    this.killAfter = undefined;
    const hooks = killedAfter(answeredBy(run), limit);
    if (this.given.length > 0) await lookAt(this.given);
    const { exitCode } = await runHook(this.program, {
      env: run.environment,
      hooks,
      pebble: (container) => this.pebbles.get(container)!.transport(),
      clock: { now },
      stderr: () => undefined, // Only a killed process has something to say here, and it is dead.
    });
    if (this.given.length > 0) await lookAt(this.given);
    run.finish(hooks.killed() ? { exitCode: -1, signal: "SIGKILL" } : { exitCode });
    if (hooks.killed()) return "killed";
    return exitCode === 0 ? "ended" : "failed";
  }
}

function answeredBy({ context }: HookRun): HookTransport {
  return inProcess(({ command, args, stdin }) => {
    const answer = context.run(command, args, stdin);
    return answer.needsStdin ? "needs stdin" : answer;
  });
}

type Counted = HookTransport & { readonly killed: () => boolean };

function killedAfter(hooks: HookTransport, limit: number): Counted {
  let made = 0;
  return {
    run: (request) => {
      made += 1;
      return made > limit ? Promise.reject(new Killed("the process was killed")) : hooks.run(request);
    },
    close: () => hooks.close(),
    killed: () => made > limit,
  };
}
