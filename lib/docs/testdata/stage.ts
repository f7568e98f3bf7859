/**
 * What short examples stand on: names that examples of doc comments and READMEs use and do not make.
 *
 * @module
 */

import { active, type CharmProgram, defineCharm, option, type Status } from "charmed-iap/charm";
import { ingress as ingressOf } from "charmed-iap/interfaces/ingress/v2";
import { oauth } from "charmed-iap/interfaces/oauth/v0";
import type { KubernetesError } from "charmed-iap/kubernetes";
import type { PebbleClient } from "charmed-iap/pebble";
import type { FakeModel, ScenarioModel } from "charmed-iap/testing";
import type { FileHandle } from "node:fs/promises";
import * as v from "valibot";

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
export const application = v.object({ name: v.string() });
export const unit = v.object({ host: v.string() });

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
