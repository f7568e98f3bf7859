/**
 * Commands that Juju 3.6 has and Juju 4 has not: for charms that are older than relations with application
 * databags, and for those older than sidecar containers. On Juju 4 each ends with the reason
 * `unknown-command`.
 *
 * @module
 */

import { runJson, runText } from "../run.ts";
import { textMap } from "../shapes.ts";
import type { HookTransport } from "../transport.ts";

/** How a payload is doing. */
type PayloadStatus = "starting" | "started" | "stopping" | "stopped";

/** The leader's settings, which every unit of the application may read. See Juju 3.6: leader-get. */
export function leaderGet(transport: HookTransport): Promise<Readonly<Record<string, string>>> {
  return runJson(transport, "leader-get", [], textMap);
}

/**
 * Sets keys of the leader's settings, at once; an empty value deletes its key.
 *
 * @throws {HookCommandError} `not-leader`, `unknown-command` on Juju 4.
 * @see Juju 3.6: leader-set
 */
export async function leaderSet(
  transport: HookTransport,
  values: Readonly<Record<string, string>>,
): Promise<void> {
  const pairs = Object.entries(values).map(([key, value]) => `${key}=${value}`);
  if (pairs.length > 0) await runText(transport, "leader-set", ["--", ...pairs]);
}

/** Says that a workload of a class of `metadata.yaml` is there. See Juju 3.6: payload-register. */
export async function payloadRegister(
  transport: HookTransport,
  payload: {
    readonly type: string;
    readonly class: string;
    readonly id: string;
    readonly tags?: readonly string[];
  },
): Promise<void> {
  const { type, class: name, id, tags = [] } = payload;
  await runText(transport, "payload-register", ["--", type, name, id, ...tags]);
}

/** Sets the status of a registered workload. See Juju 3.6: payload-status-set. */
export async function payloadStatusSet(
  transport: HookTransport,
  payload: { readonly class: string; readonly id: string; readonly status: PayloadStatus },
): Promise<void> {
  await runText(transport, "payload-status-set", ["--", payload.class, payload.id, payload.status]);
}

/** Says that a registered workload is gone. See Juju 3.6: payload-unregister. */
export async function payloadUnregister(
  transport: HookTransport,
  payload: { readonly class: string; readonly id: string },
): Promise<void> {
  await runText(transport, "payload-unregister", ["--", payload.class, payload.id]);
}

/** The application's pod specification, YAML. See Juju 3.6: k8s-spec-get. */
export function k8sSpecGet(transport: HookTransport): Promise<string> {
  return runText(transport, "k8s-spec-get", []);
}

/**
 * Sets the application's pod specification when the hook succeeds.
 *
 * @throws {HookCommandError} `not-leader`, `unknown-command` on Juju 4.
 * @see Juju 3.6: k8s-spec-set
 */
export async function k8sSpecSet(transport: HookTransport, yaml: string): Promise<void> {
  await runText(transport, "k8s-spec-set", ["--file", "-"], { stdin: new TextEncoder().encode(yaml) });
}

/** The application's raw Kubernetes objects, YAML. See Juju 3.6: k8s-raw-get. */
export function k8sRawGet(transport: HookTransport): Promise<string> {
  return runText(transport, "k8s-raw-get", []);
}

/** Sets the application's raw Kubernetes objects when the hook succeeds. See Juju 3.6: k8s-raw-set. */
export async function k8sRawSet(transport: HookTransport, yaml: string): Promise<void> {
  await runText(transport, "k8s-raw-set", ["--file", "-"], { stdin: new TextEncoder().encode(yaml) });
}

/** The older name of `k8s-spec-get`. See Juju 3.6: pod-spec-get. */
export function podSpecGet(transport: HookTransport): Promise<string> {
  return runText(transport, "pod-spec-get", []);
}

/** The older name of `k8s-spec-set`. See Juju 3.6: pod-spec-set. */
export async function podSpecSet(transport: HookTransport, yaml: string): Promise<void> {
  await runText(transport, "pod-spec-set", ["--file", "-"], { stdin: new TextEncoder().encode(yaml) });
}
