import type { Cluster } from "../kubernetes/index.ts";
import { active, blocked, type Status, waiting } from "./status.ts";

/** Connects to the API server. A promise, because the way there is loaded when it is first needed. */
export type OpenCluster = () => Promise<Cluster>;

/** Connects as the pod's service account. */
export const inCluster: OpenCluster = async () => (await import("../kubernetes/index.ts")).inCluster();

/** What of a charm's context the limits need. */
export interface Limited {
  readonly app: string;
  readonly leader: boolean;
  readonly config: { readonly cpu: string | undefined; readonly memory: string | undefined };
  readonly state: { get(key: string): Promise<string | undefined>; set(key: string, value: string): void };
}

const AMOUNT = /^\d+(\.\d+)?(m|[kMGTPE]i?)?$/;

/** Requests that Canonical's charms ask for, whatever the limits. */
const REQUESTS = { cpu: "100m", memory: "200Mi" } as const;

const SEEN = "resources";

/** Limits as set by the options, or nothing. */
function limitsOf({ config: { cpu, memory } }: Limited) {
  if (cpu === undefined && memory === undefined) return undefined;
  return { ...(cpu === undefined ? {} : { cpu }), ...(memory === undefined ? {} : { memory }) };
}

/**
 * Gives the workload container the limits of the options `cpu` and `memory`. Where both are unset and always were,
 * Kubernetes is never asked. Unset again, the limits go.
 *
 * @returns Blocked for a malformed amount, or without `juju trust`, with the right that is missing.
 */
export async function limitStatus(ctx: Limited, container: string, open: OpenCluster): Promise<Status> {
  const limits = limitsOf(ctx);
  const wrong = Object.entries(limits ?? {}).find(([, amount]) => !AMOUNT.test(amount));
  if (wrong)
    return blocked(`Failed obtaining resource limit spec: ${wrong[0]} must be an amount, 500m or 1Gi`);
  // Every unit remembers that limits were set, so that the next leader can take them away.
  const wasSet = (await ctx.state.get(SEEN)) !== undefined;
  if (limits && !wasSet) ctx.state.set(SEEN, "set");
  if (!ctx.leader || (!limits && !wasSet)) return active();
  const { isKubernetesError, notPermitted, patchStatefulSetResources } = await import(
    "../kubernetes/index.ts"
  );
  try {
    const resources = { limits: limits ?? {}, requests: REQUESTS };
    await patchStatefulSetResources(await open(), { name: ctx.app, container, resources });
    return active();
  } catch (error) {
    if (!isKubernetesError(error)) throw error;
    if (error.status === 401 || error.status === 403) {
      return blocked(`Kubernetes resources patch failed: ${notPermitted(error, ctx.app)}`);
    }
    return error.outcome === "waiting"
      ? waiting("waiting for resources patch to apply")
      : blocked(`Kubernetes resources patch failed: ${error.message}`);
  }
}
