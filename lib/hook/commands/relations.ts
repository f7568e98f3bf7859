import { runJson, runText } from "../run.ts";
import { isRecord, text, textMap, texts } from "../shapes.ts";
import type { HookTransport } from "../transport.ts";
import { yamlInput } from "../yaml-input.ts";

/** `db:3`, or 3; Juju looks at the number only. */
export type RelationId = string | number;

/**
 * Relations of an endpoint as `name:id`, sorted as text; those that are broken are left out.
 *
 * @see Juju: relation-ids
 */
export function relationIds(transport: HookTransport, endpoint: string): Promise<readonly string[]> {
  return runJson(transport, "relation-ids", ["--", endpoint], texts);
}

/**
 * Remote units that have joined, sorted as text; for a peer relation the other units.
 *
 * @throws {HookCommandError} `not-found`
 * @see Juju: relation-list
 */
export function relationList(transport: HookTransport, relation: RelationId): Promise<readonly string[]> {
  return runJson(transport, "relation-list", ["-r", String(relation)], texts);
}

/** The remote application, known even before a unit joined. See Juju: relation-list --app. */
export function relationRemoteApp(transport: HookTransport, relation: RelationId): Promise<string> {
  return runJson(transport, "relation-list", ["-r", String(relation), "--app"], text);
}

/**
 * A whole databag. Values are text; an absent databag is empty.
 *
 * @param options.target Unit or application whose databag is meant.
 * @param options.app Read the application's databag; `target` may then be one of its units.
 * @throws {HookCommandError} `permission-denied`, `not-found`; which of them depends on Juju's version.
 * @see Juju: relation-get
 */
export function relationGet(
  transport: HookTransport,
  options: { readonly relation: RelationId; readonly target: string; readonly app?: boolean },
): Promise<Readonly<Record<string, string>>> {
  const { relation, target, app } = options;
  const args = ["-r", String(relation), ...(app ? ["--app"] : []), "--", "-", target];
  return runJson(transport, "relation-get", args, textMap);
}

/**
 * Sets keys of this unit's databag, or of the application's. A value of `null` or `""` deletes the key; keys not
 * named stay. Sent when the hook succeeds. White space and line ends in values are kept.
 *
 * @throws {HookCommandError} `not-leader` when a follower writes application data; `not-found`.
 * @see Juju: relation-set
 */
export async function relationSet(
  transport: HookTransport,
  options: {
    readonly relation: RelationId;
    readonly app?: boolean;
    readonly data: Readonly<Record<string, string | null>>;
  },
): Promise<void> {
  const { relation, app, data } = options;
  const pairs = Object.entries(data).map(([key, value]) => [key, value ?? ""]);
  if (pairs.length === 0) return;
  const args = ["-r", String(relation), ...(app ? ["--app"] : []), "--file", "-"];
  await runText(transport, "relation-set", args, { stdin: yamlInput(Object.fromEntries(pairs)) });
}

/** Model of the remote application; its own unless the relation crosses models. See Juju: relation-model-get. */
export function relationModelGet(
  transport: HookTransport,
  relation: RelationId,
): Promise<{ readonly uuid: string }> {
  return runJson(transport, "relation-model-get", ["-r", String(relation)], {
    expected: "a map with uuid",
    read: (json) => (isRecord(json) && typeof json["uuid"] === "string" ? { uuid: json["uuid"] } : undefined),
  });
}
