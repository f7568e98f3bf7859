/** How a model is made, and the engine that its options make. */

import type { HookFilesOf } from "./contexts.ts";
import type { Engine, LogRecord, ModelNetwork, UnitPaths } from "./engine.ts";
import type { OpenContextFactory } from "./open-context.ts";
import type { ModelState } from "./state.ts";

export interface ModelOptions {
  readonly name: string;
  readonly uuid: string;
  /** Default `local`. */
  readonly controller?: string;
  /** Such as `4.0.15` or `3.6.28`. */
  readonly version: string;
  readonly type: "kubernetes" | "machine";
  /** Milliseconds since the epoch. */
  readonly clock: { now(): number };
  /** Numbers from 0 up to, not including, 1. */
  readonly random: { next(): number };
  readonly network?: ModelNetwork;
  /** Default: Juju's own. */
  readonly paths?: (unit: string) => UnitPaths;
  readonly storageLocation?: (unit: string, storage: string) => string;
  /** Default true: agents come up by themselves. False: the host says so with `unitStarted`. */
  readonly autoStart?: boolean;
  /** `host:port` of the controller. Default `127.0.0.1:17070`. */
  readonly apiAddresses?: readonly string[];
  /** Version of Kubernetes; default `1.31.0`, empty on machines. */
  readonly cloudApiVersion?: string;
  readonly onLog?: (record: LogRecord) => void;
  /** Files that hook commands name; default: none can be read. */
  readonly files?: HookFilesOf;
  /** Puts a resource in place when a charm asks for it, and says where; default: its path under `paths`. */
  readonly resource?: (unit: string, name: string) => string;
  /** Default: the hook context of this room. */
  readonly contexts?: OpenContextFactory;
}

function defaultPaths(name: string): UnitPaths {
  const tag = `unit-${name.replace("/", "-")}`;
  const agent = `/var/lib/juju/agents/${tag}`;
  return {
    charmDir: `${agent}/charm`,
    agentSocket: `${agent}/agent.socket`,
    toolsDir: `/var/lib/juju/tools/${tag}`,
    resources: `${agent}/resources`,
  };
}

/** The engine of a model. */
export function engineOf(o: ModelOptions, state: ModelState): Engine {
  const { clock, random, onLog } = o;
  return {
    state,
    kubernetes: o.type === "kubernetes",
    major: o.version.startsWith("3.") ? 3 : 4,
    version: o.version,
    controller: o.controller ?? "local",
    autoStart: o.autoStart ?? true,
    apiAddresses: o.apiAddresses ?? ["127.0.0.1:17070"],
    cloudApiVersion: o.cloudApiVersion ?? (o.type === "kubernetes" ? "1.31.0" : ""),
    ...(o.network ? { network: o.network } : {}),
    paths: o.paths ?? defaultPaths,
    ...(o.storageLocation ? { storageLocation: o.storageLocation } : {}),
    now: () => clock.now(),
    random: () => random.next(),
    log: (name, module, level, message) => onLog?.({ time: clock.now(), unit: name, module, level, message }),
  };
}
