import type { IncomingMessage } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { type Cluster, type ClusterRequest, isKubernetesError } from "charmed-iap/kubernetes";
import {
  createServerCertificate,
  type ServerCertificate,
} from "../../lib/local/kubernetes-api/certificates.ts";

const HOST = "127.0.0.1";
let certificate: Promise<ServerCertificate> | undefined;

/** A served cluster: variables and files as in a pod. */
export interface ServedCluster {
  readonly server: Server;
  readonly env: Readonly<Record<string, string>>;
  readonly account: Readonly<Record<string, string>>;
}

/** Serves a cluster of this process as Kubernetes' API server is served. */
export async function serveCluster(cluster: Cluster): Promise<ServedCluster> {
  certificate ??= createServerCertificate(HOST, Date.now());
  const { authority, certificate: cert, key } = await certificate;
  const server = createServer({ cert, key }, async (request, response) => {
    const { status, body } = await answer(cluster, request);
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body) ?? "");
  });
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    server,
    env: { KUBERNETES_SERVICE_HOST: HOST, KUBERNETES_SERVICE_PORT: String(port) },
    account: { token: "token", "ca.crt": authority, namespace: cluster.namespace },
  };
}

async function answer(
  cluster: Cluster,
  request: IncomingMessage,
): Promise<{ readonly status: number; readonly body: unknown }> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  const { method, url = "", headers } = request;
  try {
    const body = await cluster.request({
      method: method as ClusterRequest["method"],
      path: url,
      ...(text === "" ? {} : { body: JSON.parse(text), contentType: headers["content-type"] ?? "" }),
    });
    return { status: 200, body };
  } catch (error) {
    if (!isKubernetesError(error)) throw error;
    return { status: error.status, body: { kind: "Status", code: error.status, message: error.message } };
  }
}
