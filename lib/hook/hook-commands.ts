import { actionFail, actionGet, actionLog, actionSet } from "./commands/actions.ts";
import { closePort, openedPorts, openPort } from "./commands/ports.ts";
import {
  relationGet,
  relationIds,
  relationList,
  relationModelGet,
  relationRemoteApp,
  relationSet,
} from "./commands/relations.ts";
import {
  secretAdd,
  secretGet,
  secretGetBytes,
  secretGrant,
  secretIds,
  secretInfoGet,
  secretRemove,
  secretRevoke,
  secretSet,
} from "./commands/secrets.ts";
import { stateDelete, stateGet, stateGetAll, stateSet } from "./commands/state.ts";
import { applicationStatusGet, statusGet, statusSet } from "./commands/status.ts";
import { storageAdd, storageGet, storageList } from "./commands/storage.ts";
import {
  applicationVersionSet,
  configGet,
  credentialGet,
  goalState,
  isLeader,
  jujuLog,
  networkGet,
  reboot,
  resourceGet,
  unitGet,
} from "./commands/unit.ts";
import type { HookTransport } from "./transport.ts";

const functions = {
  actionFail,
  actionGet,
  actionLog,
  actionSet,
  applicationStatusGet,
  applicationVersionSet,
  closePort,
  configGet,
  credentialGet,
  goalState,
  isLeader,
  jujuLog,
  networkGet,
  openedPorts,
  openPort,
  reboot,
  relationGet,
  relationIds,
  relationList,
  relationModelGet,
  relationRemoteApp,
  relationSet,
  resourceGet,
  secretAdd,
  secretGet,
  secretGetBytes,
  secretGrant,
  secretIds,
  secretInfoGet,
  secretRemove,
  secretRevoke,
  secretSet,
  stateDelete,
  stateGet,
  stateGetAll,
  stateSet,
  statusGet,
  statusSet,
  storageAdd,
  storageGet,
  storageList,
  unitGet,
};

type Functions = typeof functions;

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
  const bound = Object.entries(functions).map(([name, run]) => [
    name,
    (run as (transport: HookTransport, ...args: never[]) => unknown).bind(undefined, transport),
  ]);
  return Object.fromEntries(bound) as HookCommands;
}
