import { FlushError } from "./errors.ts";
import { compareText } from "./go/text.ts";
import { unitTag } from "./names.ts";
import type { PortChange } from "./ports.ts";
import type { RelationChange } from "./relations.ts";
import type { SecretCommit } from "./secret-changes.ts";
import type { HookState } from "./state.ts";

/** Everything one hook wants changed, in one transaction. Parts with nothing in them are left out. */
export interface HookChanges extends SecretCommit {
  /** Unit tag, `unit-web-0`. */
  readonly tag: string;
  /** True after `config-changed`: addresses in databags are looked at again. */
  readonly "update-network-info": boolean;
  readonly "relation-unit-settings"?: readonly RelationChange[];
  readonly "open-ports"?: readonly PortChange[];
  readonly "close-ports"?: readonly PortChange[];
  readonly "unit-state"?: { readonly tag: string; readonly "charm-state": Readonly<Record<string, string>> };
  readonly "storage-add"?: readonly StorageAddition[];
  readonly "set-pod-spec"?: { readonly spec?: string; readonly raw?: string };
}

/** Storage to be added to the unit. */
export interface StorageAddition {
  readonly unit: string;
  readonly name: string;
  readonly count: number;
}

/** Collects what a hook wants changed; nothing when it wants nothing. */
export function hookChanges(state: HookState): HookChanges | undefined {
  const tag = unitTag(state.world.unit);
  const updateNetwork = state.world.hook?.kind === "config-changed";
  const ports = state.ports.changes();
  const relations = [...state.relations.values()]
    .map((relation) => relation.change())
    .filter((change) => change !== undefined)
    .sort((a, b) => compareText(a.relation, b.relation));
  const charmState = state.charmState.change();
  const parts = {
    ...(relations.length === 0 ? {} : { "relation-unit-settings": relations }),
    ...(ports.open.length === 0 ? {} : { "open-ports": ports.open }),
    ...(ports.close.length === 0 ? {} : { "close-ports": ports.close }),
    ...(charmState === undefined ? {} : { "unit-state": { tag, "charm-state": charmState } }),
    ...state.secrets.changes.entries(),
    ...storage(state, tag),
    ...podSpecs(state),
  };
  if (!updateNetwork && Object.keys(parts).length === 0) return undefined;
  return { tag, "update-network-info": updateNetwork, ...parts };
}

function storage(state: HookState, unit: string): Pick<HookChanges, "storage-add"> {
  const list = state.storageAdds.map(({ name, count }) => ({ unit, name, count }));
  return list.length === 0 ? {} : { "storage-add": list };
}

function podSpecs(state: HookState): Pick<HookChanges, "set-pod-spec"> {
  const { spec, raw } = state.podSpecs;
  if (spec === undefined && raw === undefined) return {};
  if (spec !== undefined && raw !== undefined) {
    throw new FlushError("either k8s-spec-set or k8s-raw-set can be run for each application, but not both");
  }
  return { "set-pod-spec": state.podSpecs };
}
