import { HookCommandError } from "../errors.ts";
import { runJson, runText } from "../run.ts";
import { text, textMap } from "../shapes.ts";
import type { HookTransport } from "../transport.ts";
import { yamlInput } from "../yaml-input.ts";

/**
 * One value of this unit's state that the controller keeps.
 *
 * @returns `undefined` when the key is not set.
 * @throws {TypeError} For the key `-`, which Juju reads as "all keys".
 * @see Juju: state-get
 */
export async function stateGet(transport: HookTransport, key: string): Promise<string | undefined> {
  if (key === "-" || key === "") throw new TypeError(`Cannot run state-get: key "${key}" means all keys`);
  try {
    return await runJson(transport, "state-get", ["--strict", "--", key], text);
  } catch (error) {
    if (error instanceof HookCommandError && error.reason === "not-found") return undefined;
    throw error;
  }
}

/** This unit's whole state. See Juju: state-get. */
export function stateGetAll(transport: HookTransport): Promise<Readonly<Record<string, string>>> {
  return runJson(transport, "state-get", [], textMap);
}

/**
 * Sets keys of this unit's state when the hook succeeds. Keys have at most 256 bytes, values 65 536, all
 * together 2 MiB unless the controller says otherwise.
 *
 * @see Juju: state-set
 */
export async function stateSet(
  transport: HookTransport,
  values: Readonly<Record<string, string>>,
): Promise<void> {
  if (Object.keys(values).length === 0) return;
  await runText(transport, "state-set", ["--file", "-"], { stdin: yamlInput(values) });
}

/** Removes a key of this unit's state; a missing one is no error. See Juju: state-delete. */
export async function stateDelete(transport: HookTransport, key: string): Promise<void> {
  await runText(transport, "state-delete", ["--", key]);
}
