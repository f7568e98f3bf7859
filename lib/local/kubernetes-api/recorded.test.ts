import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { sendTo } from "../../kubernetes/cluster.ts";
import { conformance } from "../../kubernetes/conformance/conformance.suite.ts";
import { APP, type ClusterGround, NAMESPACE } from "../../kubernetes/conformance/ground.ts";
import { callers, type Recorded, type Recording } from "../../kubernetes/conformance/recording.ts";
import type { ModelHost } from "../controller/model-host.ts";
import { Store } from "../controller/store.ts";
import type { Gateways } from "../network/gateways.ts";
import { KubernetesApi } from "./api.ts";
import { isObject, type Json, type JsonObject } from "./merge.ts";

const file = path.join(import.meta.dirname, "../../../test/golden/kubernetes/exchanges.json");
const recording = JSON.parse(readFileSync(file, "utf8")) as Recording;

const app = { name: APP, trust: false, scale: 1, charm: { containers: { web: {} } } };
const host = { name: NAMESPACE, uuid: NAMESPACE, model: { state: { applications: { [APP]: app } } } };
/** No address is given away. */
const gateways = { published: () => [], publish: async () => undefined, withdraw: async () => undefined };

const exchanges: Recorded[] = [];

async function start(): Promise<ClusterGround> {
  const folder = mkdtempSync(path.join(tmpdir(), "iap-kubernetes-"));
  const store = new Store(path.join(folder, "store.db"));
  const api = new KubernetesApi({
    store,
    gateways: gateways as unknown as Gateways,
    onFault: (error) => {
      throw error;
    },
  });
  await api.listen("127.0.0.1");
  api.serve(host as unknown as ModelHost);
  api.placeServiceAccount(NAMESPACE, APP, folder);
  const token = readFileSync(path.join(folder, "token"), "utf8");
  const server = { host: "127.0.0.1", port: api.port, timeoutMs: 10_000, ca: api.authority };
  const ground = callers(
    (as, request) => {
      app.trust = as === "trusted";
      return sendTo({ ...server, token: as === "unknown" ? "nobody" : token }, request);
    },
    (recorded) => exchanges.push(recorded),
  );
  return {
    ...ground,
    async close() {
      await api.close();
      store.close();
      rmSync(folder, { recursive: true });
    },
  };
}

conformance({ name: "the local model's", start });

describe("the local model's answers, beside those of the real API server", () => {
  test.each(recording.exchanges.map((real, index) => [index, `${real.method} ${real.path}`, real] as const))(
    "%i: %s",
    (index, _title, real) => {
      const own = exchanges[index];
      expect(own).toMatchObject({ as: real.as, method: real.method, path: real.path, status: real.status });
      const [answer, wanted] = [own?.answer, real.answer] as [JsonObject, JsonObject];
      if (real.status >= 400) expect(answer["reason"]).toBe(wanted["reason"]);
      expect(shared(answer, wanted)).toEqual(known(answer));
    },
  );
});

/** Values that are new in every run, and what only says that Juju made it. */
const VOLATILE = new Set([
  "uid",
  "resourceVersion",
  "creationTimestamp",
  "clusterIP",
  "clusterIPs",
  "message",
  "details",
]);

/** Nothing runs pods beside the recorded API server, so the status of a StatefulSet is another one. */
function isVolatile(key: string, { kind }: JsonObject): boolean {
  return VOLATILE.has(key) || (kind === "StatefulSet" && key === "status");
}

/** An answer without what differs from run to run. */
function known(value: Json | undefined): Json | undefined {
  if (Array.isArray(value)) return value.map((one) => known(one) ?? null);
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([key]) => !isVolatile(key, value));
  return Object.fromEntries(kept.map(([key, one]) => [key, known(one)]));
}

/** What the real answer says where ours says something: ours may say less, and nothing else. */
function shared(own: Json | undefined, real: Json | undefined): Json | undefined {
  if (Array.isArray(own) && Array.isArray(real)) {
    return real.map((one, index) => known(shared(own[index], one)) ?? null);
  }
  if (!isObject(own) || !isObject(real)) return real;
  const kept = Object.keys(own).filter((key) => !isVolatile(key, own));
  return Object.fromEntries(kept.map((key) => [key, shared(own[key], real[key])]));
}
