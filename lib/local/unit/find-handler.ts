import { accessSync, constants } from "node:fs";
import { join } from "node:path";

/** What runs for a hook or action. */
export interface FoundHandler {
  readonly file: string;
  /** As in Juju's log line. */
  readonly kind: "hook dispatching script: dispatch" | "explicit, bespoke hook script";
}

/**
 * Looks for `dispatch`, then for the bespoke file of the hook or action.
 *
 * @param dispatchPath `JUJU_DISPATCH_PATH`.
 * @returns `undefined` when there is neither: the hook counts as done.
 * @throws The system's error for a file that is there and cannot be run.
 */
export function findHandler(charmDir: string, dispatchPath: string): FoundHandler | undefined {
  const dispatch = join(charmDir, "dispatch");
  if (isRunnable(dispatch)) return { file: dispatch, kind: "hook dispatching script: dispatch" };
  const bespoke = join(charmDir, dispatchPath);
  return isRunnable(bespoke) ? { file: bespoke, kind: "explicit, bespoke hook script" } : undefined;
}

function isRunnable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}
