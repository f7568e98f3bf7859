import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, describe, test } from "vitest";
import {
  buildEtcd,
  buildKubeApiserver,
  ETCD_VERSION,
  KUBERNETES_VERSION,
  startKubernetes,
} from "../../../test/peers/kube-apiserver.ts";
import type { ClusterRequest } from "../cluster.ts";
import { sendTo } from "../cluster.ts";
import { conformance } from "./conformance.suite.ts";
import { APP, type ClusterGround, NAMESPACE, STATEFUL_SET } from "./ground.ts";
import { type Caller, callers, type Recorded, type Recording } from "./recording.ts";

const [etcd, apiserver] = [await buildEtcd(), await buildKubeApiserver()];
const exchanges: Recorded[] = [];

const USER = `system:serviceaccount:${NAMESPACE}:${APP}`;
/** Both are the application's service account; `juju trust` is the group here. */
const TOKENS = [`trusted,${USER},1,system:masters`, `untrusted,${USER},2`];

/** What Juju makes for a model and an application in it. */
const JUJU: readonly (readonly [path: string, object: object])[] = [
  ["/api/v1/namespaces", { metadata: { name: NAMESPACE } }],
  [`/apis/apps/v1/namespaces/${NAMESPACE}/statefulsets`, STATEFUL_SET],
  [
    `/apis/rbac.authorization.k8s.io/v1/namespaces/${NAMESPACE}/roles`,
    {
      metadata: { name: APP },
      rules: [
        { apiGroups: [""], resources: ["pods", "services"], verbs: ["get", "list", "patch"] },
        { apiGroups: [""], resources: ["namespaces"], verbs: ["get"] },
      ],
    },
  ],
  [
    `/apis/rbac.authorization.k8s.io/v1/namespaces/${NAMESPACE}/rolebindings`,
    {
      metadata: { name: APP },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: APP },
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: USER }],
    },
  ],
];

async function start(programs: { etcd: string; apiserver: string }): Promise<ClusterGround> {
  const server = await startKubernetes(programs, TOKENS);
  const ask = (as: Caller, request: ClusterRequest) =>
    sendTo({ host: "127.0.0.1", port: server.port, timeoutMs: 10_000, ca: server.ca, token: as }, request);
  for (const [where, body] of JUJU) {
    const { status, text } = await ask("trusted", { method: "POST", path: where, body });
    if (status !== 201) throw new Error(`Cannot prepare ${where}: ${status}: ${text}`);
  }
  const probe = { method: "GET", path: `/api/v1/namespaces/${NAMESPACE}/services/none` } as const;
  while ((await ask("untrusted", probe)).status !== 404)
    await new Promise((resolve) => setTimeout(resolve, 50));
  return { ...callers(ask, (recorded) => exchanges.push(recorded)), close: () => server.close() };
}

if ("missing" in etcd || "missing" in apiserver) {
  const why = [etcd, apiserver].flatMap((peer) => ("missing" in peer ? [peer.missing] : [])).join("; ");
  describe.skip(`Kubernetes: the real ${KUBERNETES_VERSION} (skipped: ${why})`, () => {
    test("does what the recordings say", () => undefined);
  });
} else {
  const programs = { etcd: etcd.program, apiserver: apiserver.program };
  conformance({ name: `the real ${KUBERNETES_VERSION}`, start: () => start(programs) });

  // RECORD=1 keeps what was said, for the suites that run without a cluster.
  afterAll(() => {
    if (process.env["RECORD"] !== "1") return;
    const versions = { kubernetes: KUBERNETES_VERSION, etcd: ETCD_VERSION };
    const recording: Recording = { versions, exchanges };
    const folder = path.join(import.meta.dirname, "../../../test/golden/kubernetes");
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, "exchanges.json"), `${JSON.stringify(recording, null, 1)}\n`);
  });
}
