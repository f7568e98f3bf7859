import type { Cluster } from "../../kubernetes/cluster.ts";
import type { Notes } from "./recorder.ts";

/** A connection to Kubernetes whose exchanges are written down: never its token, which is no part of them. */
export function recordCluster(cluster: Cluster, notes: Notes, used: (namespace: string) => void): Cluster {
  notes.quietly(() => used(cluster.namespace));
  return {
    namespace: cluster.namespace,
    async request(request) {
      const { method, path, body } = request;
      const question = {
        kind: "kubernetes" as const,
        method,
        path,
        ...(body === undefined ? {} : { body: structuredClone(body) }),
      };
      try {
        const value = await cluster.request(request);
        notes.quietly(() => {
          // Objects of this kind hold nothing else.
          if (/\/secrets(\/|\?|$)/.test(path)) notes.secrets.addAll(value);
          notes.hear({ ...question, answer: { outcome: "ok", value } });
        });
        return value;
      } catch (error) {
        const {
          status = 0,
          code = "",
          message = "",
        } = error as Partial<Record<"code" | "message", string>> & {
          status?: number;
        };
        notes.quietly(() =>
          notes.hear({ ...question, answer: { outcome: "refused", status, code, message } }),
        );
        throw error;
      }
    },
  };
}
