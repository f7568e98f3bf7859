import { buildGoProgram, type Peer } from "./go-program.ts";

export const KUBERNETES_VERSION = "1.37.2";
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

/** The real API server. */
export const buildKubeApiserver = (): Promise<Peer> =>
  buildGoProgram({
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
  buildGoProgram({ name: "etcd", version: "3.7.3", module: "go.etcd.io/etcd/server/v3", package: "." });
