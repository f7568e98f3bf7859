/** The recorded session's charm and model, and how its recordings are shaped. */

import { type CharmMetadata, parseCharm } from "./charm-metadata.ts";
import { Model } from "./model.ts";
import type { ModelOptions } from "./model-options.ts";
import { seededRandom } from "./random.ts";

export interface RecordedTool {
  readonly argv: readonly string[];
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A hook or action as a unit ran it. */
export interface RecordedHook {
  readonly t: number;
  readonly unit: string;
  /** `hooks/<name>` or `actions/<name>`. */
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
  readonly failing?: boolean | string;
  readonly tools: readonly RecordedTool[];
}

/** A command of the operator, without `juju`. */
export interface RecordedStep {
  readonly step: string;
}

export interface RecordedSession {
  readonly events: readonly (RecordedHook | RecordedStep)[];
}

const ADDRESS = "10.77.0.1";

/** The charm `probe-a` or `probe-b`; both are the same but for the name. */
export function probeCharm(name: string): CharmMetadata {
  const option = { type: "string", default: "" };
  return parseCharm({
    metadata: {
      name,
      summary: "probe",
      description: "probe",
      provides: { server: { interface: "probe" } },
      requires: { client: { interface: "probe" } },
      peers: { peers: { interface: "probe-peers" } },
    },
    config: { options: { x: option, fail: option } },
    actions: { rotate: {}, bad: { params: { count: { type: "integer" } }, required: ["count"] } },
  });
}

const device = {
  "mac-address": "",
  "interface-name": "lo",
  addresses: [{ hostname: ADDRESS, value: ADDRESS, cidr: "10.77.0.0/24" }],
};

/** Options of the recorded model: machines, one address for all; of two equals the first is picked. */
export function probeOptions(clock: { now(): number }): ModelOptions {
  const numbers = seededRandom(1);
  return {
    name: "controller",
    uuid: "22222222-2222-4222-8222-222222222222",
    controller: "real",
    version: "4.0.15",
    type: "machine",
    clock,
    random: { next: () => numbers.next() / 2 },
    apiAddresses: [`${ADDRESS}:17070`],
    network: {
      unitAddress: () => ADDRESS,
      serviceAddress: () => undefined,
      unitNetwork: () => ({
        "bind-addresses": [device],
        "egress-subnets": [`${ADDRESS}/32`],
        "ingress-addresses": [ADDRESS],
      }),
    },
  };
}

/** The model when the recording begins: other applications have used relation and task ids. */
export function probeModel(clock: { now(): number }, used: { relations: number; tasks: number }): Model {
  const o = probeOptions(clock);
  const snapshot = { ...new Model(o).snapshot(), nextRelation: used.relations, nextTask: used.tasks };
  return Model.restore(snapshot, o);
}
