import { type ChildProcess, spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { buildLongProgram, type Peer } from "./go-program.ts";
import { freePort } from "./oauth2-proxy.ts";

export const KUBERNETES_VERSION = "1.37.2";
export const ETCD_VERSION = "3.7.3";
const STAGING_VERSION = KUBERNETES_VERSION.replace(/^1\./, "0.");

/** Modules of Kubernetes' own tree, which its `go.mod` takes from beside it. */
const STAGING = [
  "api",
  "apiextensions-apiserver",
  "apimachinery",
  "apiserver",
  "cli-runtime",
  "client-go",
  "cloud-provider",
  "cluster-bootstrap",
  "code-generator",
  "component-base",
  "component-helpers",
  "controller-manager",
  "cri-api",
  "cri-client",
  "cri-streaming",
  "csi-translation-lib",
  "dynamic-resource-allocation",
  "endpointslice",
  "externaljwt",
  "kms",
  "kube-aggregator",
  "kube-controller-manager",
  "kube-proxy",
  "kube-scheduler",
  "kubectl",
  "kubelet",
  "metrics",
  "mount-utils",
  "pod-security-admission",
  "sample-apiserver",
  "sample-cli-plugin",
  "sample-controller",
  "streaming",
];

/** The real API server; building it takes ten minutes and more, so only `PEERS=all` does. */
export const buildKubeApiserver = (): Promise<Peer> =>
  buildLongProgram({
    name: "kube-apiserver",
    version: KUBERNETES_VERSION,
    module: "k8s.io/kubernetes",
    package: "cmd/kube-apiserver",
    replacements: Object.fromEntries(
      STAGING.map((name) => [`k8s.io/${name}`, `k8s.io/${name} v${STAGING_VERSION}`]),
    ),
    variables: {
      "k8s.io/component-base/version.gitVersion": `v${KUBERNETES_VERSION}`,
      "k8s.io/component-base/version.gitMajor": KUBERNETES_VERSION.split(".")[0] ?? "",
      "k8s.io/component-base/version.gitMinor": KUBERNETES_VERSION.split(".")[1] ?? "",
    },
  });

/** Where the API server keeps its objects. */
export const buildEtcd = (): Promise<Peer> =>
  buildLongProgram({
    name: "etcd",
    version: ETCD_VERSION,
    module: "go.etcd.io/etcd/server/v3",
    package: ".",
  });

/** A running API server with an etcd of its own. */
export interface RealKubernetes {
  readonly port: number;
  /** Certificate of its authority, PEM. */
  readonly ca: string;
  close(): Promise<void>;
}

/** Starts both on free ports. A token is `token,user,uid,group`; only objects: nothing runs pods. */
export async function startKubernetes(
  programs: { readonly etcd: string; readonly apiserver: string },
  tokens: readonly string[],
): Promise<RealKubernetes> {
  const folder = await mkdtemp(path.join(tmpdir(), "iap-kubernetes-"));
  const [client, peer, port] = [await freePort(), await freePort(), await freePort()];
  const children: ChildProcess[] = [];
  const run = (program: string, args: readonly string[]) => {
    children.push(spawn(program, args, { cwd: folder, stdio: "ignore" }));
  };
  const close = async () => {
    for (const child of children.reverse()) await ended(child);
    await rm(folder, { recursive: true });
  };
  try {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    await writeFile(path.join(folder, "sa.key"), privateKey.export({ type: "pkcs8", format: "pem" }));
    await writeFile(path.join(folder, "tokens.csv"), `${tokens.join("\n")}\n`);
    const store = `http://127.0.0.1:${client}`;
    run(programs.etcd, etcdArguments(store, `http://127.0.0.1:${peer}`));
    run(programs.apiserver, apiserverArguments(store, port));
    const ca = await until(children, () => readFile(path.join(folder, "certs/apiserver.crt"), "utf8"));
    await until(children, () => isReady(port, ca, tokens[0]?.split(",")[0] ?? ""));
    return { port, ca, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function etcdArguments(client: string, peer: string): readonly string[] {
  return [
    "--data-dir=data",
    "--log-level=error",
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
  ];
}

function apiserverArguments(store: string, port: number): readonly string[] {
  return [
    `--etcd-servers=${store}`,
    "--bind-address=127.0.0.1",
    "--advertise-address=127.0.0.1",
    `--secure-port=${port}`,
    "--cert-dir=certs",
    "--service-cluster-ip-range=10.96.0.0/16",
    `--service-account-issuer=https://127.0.0.1:${port}`,
    "--service-account-key-file=sa.key",
    "--service-account-signing-key-file=sa.key",
    "--token-auth-file=tokens.csv",
    "--authorization-mode=RBAC",
    "--disable-admission-plugins=ServiceAccount",
    "--endpoint-reconciler-type=none",
  ];
}

/** Asks again until there is an answer; not once a program has ended. */
async function until<T>(children: readonly ChildProcess[], ask: () => Promise<T>): Promise<T> {
  while (true) {
    const dead = children.find((child) => child.exitCode !== null);
    if (dead) throw new Error(`Cannot start ${dead.spawnfile}: exit code ${dead.exitCode}`);
    try {
      return await ask();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50)); // not there yet
    }
  }
}

function isReady(port: number, ca: string, token: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    const asked = request(
      { host: "127.0.0.1", port, ca, path: "/readyz", headers, agent: false },
      (answer) => {
        answer.resume();
        if (answer.statusCode === 200) resolve();
        else reject(new Error(`status ${answer.statusCode}`));
      },
    );
    asked.on("error", reject);
    asked.end();
  });
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once("close", () => resolve());
    child.kill("SIGTERM");
  });
}
