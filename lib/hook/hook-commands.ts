import * as actions from "./commands/actions.ts";
import * as legacy from "./commands/legacy.ts";
import * as ports from "./commands/ports.ts";
import * as relations from "./commands/relations.ts";
import * as secrets from "./commands/secrets.ts";
import * as state from "./commands/state.ts";
import * as status from "./commands/status.ts";
import * as storage from "./commands/storage.ts";
import * as unit from "./commands/unit.ts";
import type { HookTransport } from "./transport.ts";

type Functions = typeof actions &
  typeof legacy &
  typeof ports &
  typeof relations &
  typeof secrets &
  typeof state &
  typeof status &
  typeof storage &
  typeof unit;

/** All that these modules export is commands. */
const modules = [actions, legacy, ports, relations, secrets, state, status, storage, unit];

type Bound<Function> = Function extends (transport: HookTransport, ...args: infer Args) => infer Result
  ? (...args: Args) => Result
  : never;

/** Every hook command as a function; safe to take out of the object. */
export type HookCommands = { readonly [Name in keyof Functions]: Bound<Functions[Name]> };

/**
 * The hook commands over one transport.
 *
 * @example
 * ```ts
 * const transport = openTransport(process.env);
 * const juju = hookCommands(transport);
 * const [leader, config] = await Promise.all([juju.isLeader(), juju.configGet()]);
 * transport.close();
 * ```
 */
export function hookCommands(transport: HookTransport): HookCommands {
  return new Commands(transport) as unknown as HookCommands;
}

type Module = Readonly<Record<string, (transport: HookTransport, ...args: never[]) => unknown>>;

/** Reads and binds a function when it is asked for: a hook uses few of them. */
class Commands {
  readonly transport: HookTransport;

  constructor(transport: HookTransport) {
    this.transport = transport;
  }
}

for (const module of modules as readonly unknown[] as readonly Module[]) {
  for (const name of Object.keys(module))
    Object.defineProperty(Commands.prototype, name, { get: binder(name, module) });
}

function binder(name: string, module: Module) {
  return function bind(this: Commands) {
    const { transport } = this;
    return (...args: never[]) => module[name]!(transport, ...args);
  };
}
