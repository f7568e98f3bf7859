/** What the local model's processes get beside Juju's own variables, and nothing else. */

import type { UnitDir } from "./unit-dir.ts";

/** Certificate bundles of a unit: its own authority, and that with the machine's. */
export interface Bundles {
  /** For Node.js, which has the public authorities built in. */
  readonly own: string;
  /** For programs that read one file. */
  readonly all: string;
}

/** `--require` with a path that may hold spaces. */
export function nodeOptions(preload: string): string {
  return /[\s"\\]/.test(preload)
    ? `"--require=${preload.replaceAll(/["\\]/g, "\\$&")}"`
    : `--require=${preload}`;
}

/** Variables added to a hook's. */
export function hookVariables(dir: UnitDir, bundles: Bundles): Record<string, string> {
  return {
    NODE_OPTIONS: nodeOptions(dir.preload),
    NODE_EXTRA_CA_CERTS: bundles.own,
    SSL_CERT_FILE: bundles.all,
    CHARMED_IAP_CONTAINERS: dir.containers,
  };
}

/** Kubernetes' variables, which Juju's agent passes on when it has them. */
export function kubernetesVariables(host: string, port: number): Record<string, string> {
  const url = `tcp://${host}:${port}`;
  return {
    KUBERNETES_PORT: url,
    KUBERNETES_PORT_443_TCP: url,
    KUBERNETES_PORT_443_TCP_ADDR: host,
    KUBERNETES_PORT_443_TCP_PORT: String(port),
    KUBERNETES_PORT_443_TCP_PROTO: "tcp",
    KUBERNETES_SERVICE_HOST: host,
    KUBERNETES_SERVICE_PORT: String(port),
    KUBERNETES_SERVICE_PORT_HTTPS: String(port),
  };
}
