import { runJson, runText } from "../run.ts";
import { map } from "../shapes.ts";
import type { HookTransport } from "../transport.ts";

/** Parameters of the running action, with the defaults of its schema. See Juju: action-get. */
export function actionGet(transport: HookTransport): Promise<Readonly<Record<string, unknown>>> {
  return runJson(transport, "action-get", [], map);
}

/**
 * Adds to the action's results. Dots in keys make nested maps; parts are lower case letters, digits and
 * dashes. Values are text and are kept as they are.
 *
 * @throws {HookCommandError} `usage` for a key that is not allowed or reserved (`stdout`, `stderr`, …).
 * @see Juju: action-set
 */
export async function actionSet(
  transport: HookTransport,
  results: Readonly<Record<string, string>>,
): Promise<void> {
  const pairs = Object.entries(results).map(([key, value]) => `${key}=${value}`);
  if (pairs.length > 0) await runText(transport, "action-set", ["--", ...pairs]);
}

/** Tells whoever waits for the action how far it is, at once. See Juju: action-log. */
export async function actionLog(transport: HookTransport, message: string): Promise<void> {
  await runText(transport, "action-log", ["--", message]);
}

/** Marks the action as failed; does not end it. The last message wins. See Juju: action-fail. */
export async function actionFail(transport: HookTransport, message?: string): Promise<void> {
  await runText(transport, "action-fail", message === undefined ? [] : ["--", message]);
}
