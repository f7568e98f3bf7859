import { inProcess } from "../../hook/index.ts";
import { HookContext } from "../../model/hook-context/index.ts";
import type { HookWorld } from "../../model/world.ts";
import { FakePebble } from "../../testing/pebble/fake-pebble.ts";
import type { CharmProgram } from "../contract.ts";
import { runHook } from "../runtime/run-hook.ts";

/** One hook with its commands written down. */
export interface Recorded {
  readonly exitCode: number;
  /** Names and arguments, in the order they were answered. */
  readonly commands: readonly string[];
  readonly context: HookContext;
}

/** Runs a charm over a world; commands that begin like `failing` answer with the error `text`. */
export async function recorded(
  charm: CharmProgram,
  world: HookWorld,
  options: { readonly env?: Readonly<Record<string, string>>; readonly failing?: string; readonly text?: string; readonly stderr?: (text: string) => void; readonly asked?: (line: string) => Promise<void> | undefined } = {},
): Promise<Recorded> {
  const commands: string[] = [];
  const context = new HookContext({
    world,
    version: { major: 4, minor: 0 },
    newSecretId: () => "00000000000000000001",
    now: () => new Date(0),
  });
  const hooks = inProcess(async ({ command, args, stdin }) => {
    const line = [command, ...args].join(" ").replace("--format=json ", "");
    await options.asked?.(line);
    if (options.failing !== undefined && line.startsWith(options.failing)) return refused(options.text ?? "ERROR no");
    const answer = context.run(command, args, stdin);
    if (answer.needsStdin) return "needs stdin";
    commands.push([command, ...args].join(" "));
    return answer;
  });
  const { exitCode } = await runHook(charm, {
    env: { JUJU_UNIT_NAME: world.unit, JUJU_DISPATCH_PATH: "hooks/update-status", ...options.env },
    hooks,
    pebble: (name) => new FakePebble(name).transport(),
    clock: { now: () => 0 },
    stderr: options.stderr ?? (() => undefined),
  });
  return { exitCode, commands, context };
}

function refused(text: string) {
  return { exitCode: 1, stdout: new Uint8Array(), stderr: new TextEncoder().encode(text) };
}
