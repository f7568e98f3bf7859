import { FlushError } from "../model/hook-context/errors.ts";
import type { HookChanges, HookContext } from "../model/hook-context/index.ts";
import type { WorldInput } from "./world-of-state.ts";

/**
 * What the hook wants changed, unless the controller would refuse it.
 *
 * @throws {FlushError} With Juju's text; the hook has failed.
 */
export function commitOf(
  context: HookContext,
  input: WorldInput,
  leadershipLost: boolean,
): HookChanges | undefined {
  const commit = context.commit();
  if (commit === undefined) return undefined;
  if (leadershipLost && writesForApplication(commit)) {
    const { unit, app, version } = input.place;
    const text = `"${unit}" is not leader of "${app}"`;
    throw new FlushError(
      version.startsWith("3.") ? `prerequisites failed: ${text}` : `executing leadership func: ${text}`,
    );
  }
  for (const { name } of commit["storage-add"] ?? []) {
    if (input.contract.storage?.[name] === undefined)
      throw new FlushError(`preparing storage additions: storage "${name}" is not supported by the charm`);
  }
  return commit;
}

function writesForApplication(commit: HookChanges): boolean {
  const databags = commit["relation-unit-settings"] ?? [];
  const creates = commit["secret-creates"] ?? [];
  return (
    databags.some((one) => one["application-settings"] !== null) ||
    creates.some((one) => one["owner-tag"].startsWith("application-"))
  );
}
