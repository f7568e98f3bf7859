import { type Taps, tap } from "../../hook/taps.ts";
import type { Cluster, ClusterRequest } from "../../kubernetes/cluster.ts";
import { learnFromRequest } from "./record-fetch.ts";
import { bytesOf, type Recording } from "./recording.ts";
import type { Stage } from "./stage.ts";
import { type Question, Tape } from "./tape.ts";

/**
 * Puts the recorded answers in the place of `fetch` and Kubernetes, and listens to what is revealed.
 *
 * @returns Ends that; says what was not repeated.
 */
export function replayOutside(recording: Recording, stage: Stage): () => void {
  const { fetch: original } = globalThis;
  const http = replayedFetch(recording, stage);
  globalThis.fetch = http.fetch;
  const kubernetes = replayedCluster(recording, stage);
  const cluster = (() => kubernetes.cluster) as unknown as NonNullable<Taps["cluster"]>;
  const untap = tap({ cluster, reveal: stage.reveal });
  return () => {
    globalThis.fetch = original;
    untap();
    http.finish();
    kubernetes.finish();
  };
}

function replayedFetch({ exchanges }: Recording, stage: Stage) {
  const tape = new Tape(
    exchanges.filter((one) => one.kind === "http"),
    ({ method, url, body }) =>
      webQuestion(method, url, Buffer.from(bytesOf(body ?? "") ?? []).toString("utf8")),
    stage.diverged,
  );
  const replayed: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const url = stage.secrets.clean(learnFromRequest(request, stage.reveal));
    const question = webQuestion(request.method, url, stage.secrets.clean(await request.text()));
    const answer = tape.take(question)?.answer;
    if (answer === undefined)
      throw new TypeError("fetch failed", { cause: new Error("not in the recording") });
    const bytes = bytesOf(answer.body);
    if (bytes === undefined) stage.diverged({ kind: "answer not kept", what: question.what });
    const body = [101, 204, 205, 304].includes(answer.status)
      ? null
      : stage.filled(bytes ?? new Uint8Array(), "json");
    return new Response(body as ConstructorParameters<typeof Response>[0], {
      status: answer.status,
      headers: answer.headers,
    });
  };
  return { fetch: replayed, finish: () => tape.finish() };
}

function webQuestion(method: string, url: string, details: string): Question {
  return { what: `${method} ${url}`, details, writes: method !== "GET" && method !== "HEAD" };
}

function replayedCluster({ exchanges, namespace }: Recording, stage: Stage) {
  const tape = new Tape(
    exchanges.filter((one) => one.kind === "kubernetes"),
    clusterQuestion,
    stage.diverged,
  );
  const cluster: Cluster = {
    namespace: namespace ?? "",
    async request(request) {
      const { KubernetesError } = await import("../../kubernetes/errors.ts");
      const question = clusterQuestion(request);
      const found = tape.take({ ...question, details: stage.secrets.clean(question.details) });
      const answer = found?.answer ?? UNKNOWN;
      if (answer.outcome === "ok") return structuredClone(answer.value);
      const { status, message } = answer;
      const code = status === 0 ? "ERR_KUBERNETES_UNREACHABLE" : "ERR_KUBERNETES_API";
      throw new KubernetesError({ code, status, message });
    },
  };
  return { cluster, finish: () => tape.finish() };
}

const UNKNOWN = {
  outcome: "refused",
  status: 404,
  message: "Cannot find this request: not in the recording",
} as const;

function clusterQuestion({ method, path, body }: Pick<ClusterRequest, "method" | "path" | "body">): Question {
  const details = body === undefined ? "" : JSON.stringify(body);
  return { what: `Kubernetes: ${method} ${path}`, details, writes: method !== "GET" };
}
