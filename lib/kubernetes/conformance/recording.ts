import {
  type Cluster,
  type ClusterAnswer,
  type ClusterRequest,
  clusterOver,
  type Exchange,
} from "../cluster.ts";
import { type ClusterGround, NAMESPACE } from "./ground.ts";

/** Who asked. */
export type Caller = "trusted" | "untrusted" | "unknown";

/** One request of the suite, and what the real API server said. */
export interface Recorded extends ClusterRequest {
  readonly as: Caller;
  readonly status: number;
  /** The decoded answer. */
  readonly answer: unknown;
}

/** The exchanges of one run of the suite, in order. */
export interface Recording {
  /** Versions of what answered. */
  readonly versions: { readonly kubernetes: string; readonly etcd: string };
  readonly exchanges: readonly Recorded[];
}

/** The three callers over one way to ask; each exchange goes to `note` when it is over. */
export function callers(
  ask: (as: Caller, request: ClusterRequest) => Promise<ClusterAnswer>,
  note: (recorded: Recorded) => void = () => undefined,
): Omit<ClusterGround, "close"> {
  const cluster = (as: Caller): Cluster => {
    const exchange: Exchange = async (request) => {
      const answer = await ask(as, request);
      const { method, path, contentType, body } = request;
      const asked = {
        method,
        path,
        ...(contentType && { contentType }),
        ...(body !== undefined && { body }),
      };
      note({ as, ...asked, status: answer.status, answer: JSON.parse(answer.text || "null") });
      return answer;
    };
    return clusterOver(NAMESPACE, exchange);
  };
  return { trusted: cluster("trusted"), untrusted: cluster("untrusted"), unknown: cluster("unknown") };
}

/** Answers as recorded, and fails for a request that is not the recording's next one. */
export function replay(recording: Recording): ClusterGround {
  const left = [...recording.exchanges];
  const ask = async (as: Caller, request: ClusterRequest): Promise<ClusterAnswer> => {
    const next = left.shift();
    if (!next || key({ ...request, as }) !== key(next)) {
      const recorded = next ? `${next.as} ${next.method} ${next.path}` : "nothing more";
      throw new Error(
        `Cannot replay ${as} ${request.method} ${request.path}: the recording has ${recorded}, must be the same`,
      );
    }
    return { status: next.status, text: JSON.stringify(next.answer) };
  };
  return { ...callers(ask), close: async () => undefined };
}

/** What must be the same, as it travels. */
function key({ as, method, path, contentType, body }: ClusterRequest & { readonly as: Caller }): string {
  return JSON.stringify([as, method, path, contentType ?? null, body ?? null]);
}
