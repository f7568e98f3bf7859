/** The seam to the hook context: what a run needs of it, and how one is made. */

import type { HookTransport } from "../hook/transport.ts";
import type { Engine } from "./engine.ts";
import type { HookContext, ImmediateCall } from "./hook-context/index.ts";
import type { UnitState } from "./state.ts";
import type { HookWorld } from "./world.ts";

/** Answers hook commands of one run and collects what it asks for. */
export type OpenContext = Pick<HookContext, "run" | "commit" | "actionResult" | "reboot">;

export type OpenContextFactory = (
  e: Engine,
  u: UnitState,
  o: { readonly world: HookWorld; readonly onImmediate: (call: ImmediateCall) => void },
) => OpenContext;

/**
 * Carries a charm's hook commands to an open run in this process.
 *
 * @param dir Charm directory, absolute: the caller's working directory.
 */
export function contextTransport(context: OpenContext, dir: string): HookTransport {
  return {
    async run({ command, args, stdin }) {
      return context.run(command, args, stdin, { dir });
    },
    close() {
      // Nothing is held open.
    },
  };
}
