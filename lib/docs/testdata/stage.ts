/**
 * What short examples stand on: names that examples of doc comments and READMEs use and do not make.
 *
 * @module
 */

import {
  active,
  type CharmProgram,
  type Context,
  defineCharm,
  option,
  type Status,
  type WorkloadPlan,
} from "charmed-iap/charm";
import { grafanaDashboard } from "charmed-iap/interfaces/grafana_dashboard/v0";
import { ingress as ingressOf } from "charmed-iap/interfaces/ingress/v2";
import { lokiPushApi } from "charmed-iap/interfaces/loki_push_api/v1";
import { oauth } from "charmed-iap/interfaces/oauth/v0";
import { prometheusScrape } from "charmed-iap/interfaces/prometheus_scrape/v0";
import type { KubernetesError } from "charmed-iap/kubernetes";
import type { PebbleClient } from "charmed-iap/pebble";
import type { FakeModel, ScenarioModel } from "charmed-iap/testing";
import type { FileHandle } from "node:fs/promises";

export const ingress = ingressOf;

/** A charm that needs a route and a login. */
export const charm = defineCharm({
  name: "proxy",
  summary: "x",
  config: { "session-ttl": option.int({ default: 60, description: "x" }) },
  requires: { ingress: ingress.requirer({ limit: 1 }), oauth: oauth.requirer({ limit: 1 }) },
  containers: { web: { image: "web-image" } },
}).implement({ reconcile: () => active() });

/** A state that lacks nothing. */
export const complete = { leader: true };
export const proxy = charm;

const observed = defineCharm({
  name: "web-k8s",
  summary: "x",
  provides: {
    "metrics-endpoint": prometheusScrape.provider({ optional: true }),
    "grafana-dashboard": grafanaDashboard.provider({ optional: true }),
  },
  requires: { logging: lokiPushApi.requirer({ limit: 1, optional: true }) },
  containers: { web: { image: "web-image" } },
});

/** What a charm sees that lets itself be observed. */
export declare const context: Context<typeof observed.contract>;
export declare const relations: (typeof context)["relations"];
export declare const logging: (typeof relations)["logging"];
export declare const metrics: (typeof relations)["metrics-endpoint"];
export declare const containers: (typeof context)["containers"];
export declare const services: NonNullable<WorkloadPlan["services"]>;
export declare const unit: string;

export declare const hydra: CharmProgram;
export declare const web: CharmProgram;
export declare const traefik: CharmProgram;
export declare const pebble: PebbleClient;
export declare const file: FileHandle;
export declare const error: KubernetesError;
export declare const ctx: unknown;
export declare const config: Readonly<Record<string, unknown>>;
export declare const changes: (
  name: string,
  values: Readonly<Record<string, unknown>>,
) => Promise<{ readonly changed: readonly string[] }>;
export declare function configure(context: unknown): Promise<Status>;
export declare function migrate(): Promise<void>;
export declare function deployAll(model: FakeModel): void;
export declare function openRoutes(model: FakeModel): readonly string[];
export declare function story(model: ScenarioModel): Promise<void>;
