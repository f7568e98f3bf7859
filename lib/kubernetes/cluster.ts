import { taps } from "../hook/taps.ts";
import { KubernetesError } from "./errors.ts";

/** One call to the API server; `body` is sent as JSON of the given type. */
export interface ClusterRequest {
  readonly method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** With query, beginning with `/api` or `/apis`. */
  readonly path: string;
  readonly body?: unknown;
  /** Default `application/json`; patches have types of their own. */
  readonly contentType?: string;
}

/** The API server, as seen by one application. */
export interface Cluster {
  /** Namespace of the model. */
  readonly namespace: string;
  /**
   * @returns The decoded answer.
   * @throws {KubernetesError} `ERR_KUBERNETES_API`, `ERR_KUBERNETES_UNREACHABLE`.
   */
  request(request: ClusterRequest): Promise<unknown>;
}

/** Where the service account's files and the API server's address are read from. */
export interface InClusterOptions {
  /** Default: `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Folder with `token`, `ca.crt` and `namespace`. Default: {@link serviceAccountDir}. */
  readonly serviceAccount?: string;
  /** Milliseconds for one request. Default 10 000. */
  readonly timeoutMs?: number;
}

/**
 * Where the service account of this pod is: Kubernetes' own place, or on the local model the folder beside
 * that of the containers (`CHARMED_IAP_CONTAINERS`).
 */
export function serviceAccountDir(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const containers = env["CHARMED_IAP_CONTAINERS"];
  return containers ? `${containers}/../serviceaccount` : "/var/run/secrets/kubernetes.io/serviceaccount";
}

/**
 * Connects as the pod's service account, from `KUBERNETES_SERVICE_HOST`, `KUBERNETES_SERVICE_PORT` and the
 * mounted token, which is read for every request because Kubernetes renews it.
 *
 * @throws {KubernetesError} `ERR_KUBERNETES_UNREACHABLE` outside a cluster.
 * @see Kubernetes: Accessing the Kubernetes API from a Pod
 *
 * @example
 * ```ts
 * const service = await getService(inCluster(), "traefik-lb");
 * ```
 */
export function inCluster(options: InClusterOptions = {}): Cluster {
  const open = () => connect(options);
  return taps()?.cluster?.(open) ?? open();
}

function connect(options: InClusterOptions): Cluster {
  const env = options.env ?? process.env;
  const host = env["KUBERNETES_SERVICE_HOST"];
  if (!host) {
    const message = "Cannot reach Kubernetes: KUBERNETES_SERVICE_HOST is not set, this is no pod";
    throw new KubernetesError({ code: "ERR_KUBERNETES_UNREACHABLE", status: 0, message });
  }
  const dir = options.serviceAccount ?? serviceAccountDir(env);
  const { readFileSync } = process.getBuiltinModule("node:fs");
  const read = (name: string): string => readAccount(readFileSync, `${dir}/${name}`);
  const server = {
    host,
    port: Number(env["KUBERNETES_SERVICE_PORT"] ?? 443),
    timeoutMs: options.timeoutMs ?? 10_000,
  };
  return clusterOver(read("namespace").trim(), (request) =>
    sendTo({ ...server, ca: read("ca.crt"), token: read("token").trim() }, request),
  );
}

/** What the API server said: an HTTP status, and text that should be JSON. */
export interface ClusterAnswer {
  readonly status: number;
  readonly text: string;
}

/** Sends one request and brings the answer, whatever its status. */
export type Exchange = (request: ClusterRequest) => Promise<ClusterAnswer>;

/** A cluster behind any way to its API server. */
export function clusterOver(namespace: string, exchange: Exchange): Cluster {
  return { namespace, request: async (request) => decode(request, await exchange(request)) };
}

function readAccount(readFileSync: (path: string, encoding: "utf8") => string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const message = `Cannot read the service account: ${path} cannot be opened, it should be mounted`;
    throw new KubernetesError({ code: "ERR_KUBERNETES_UNREACHABLE", status: 0, message, cause });
  }
}

/** An API server, and who asks. */
export interface ClusterServer {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  /** Certificate of its authority, PEM. */
  readonly ca: string;
  readonly token: string;
}

/** One request over https. @throws {KubernetesError} `ERR_KUBERNETES_UNREACHABLE` */
export async function sendTo(server: ClusterServer, request: ClusterRequest): Promise<ClusterAnswer> {
  const https = await import("node:https");
  const body = request.body === undefined ? undefined : JSON.stringify(request.body);
  const headers = {
    accept: "application/json",
    authorization: `Bearer ${server.token}`,
    ...(body === undefined
      ? {}
      : {
          "content-type": request.contentType ?? "application/json",
          "content-length": Buffer.byteLength(body),
        }),
  };
  const { host, port, ca, timeoutMs } = server;
  return new Promise<ClusterAnswer>((resolve, reject) => {
    const failed = (cause: unknown): void => {
      const why = cause instanceof Error ? cause.message : String(cause);
      const message = `Cannot reach Kubernetes: ${request.method} ${request.path}: ${why}`;
      reject(new KubernetesError({ code: "ERR_KUBERNETES_UNREACHABLE", status: 0, message, cause }));
    };
    const call = https.request(
      {
        host,
        port,
        ca,
        method: request.method,
        path: request.path,
        headers,
        agent: false,
        timeout: timeoutMs,
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
        response.on("error", failed);
      },
    );
    call.on("timeout", () => call.destroy(new Error(`no answer in ${timeoutMs} ms`)));
    call.on("error", failed);
    call.end(body);
  });
}

function decode(request: ClusterRequest, { status, text }: ClusterAnswer): unknown {
  let value: unknown;
  try {
    value = text === "" ? undefined : JSON.parse(text);
  } catch (cause) {
    const message = `Cannot ${request.method} ${request.path}: the answer is not JSON`;
    throw new KubernetesError({
      code: "ERR_KUBERNETES_API",
      status: status < 400 ? 502 : status,
      message,
      cause,
    });
  }
  if (status < 400) return value;
  const said = String((value as { message?: unknown } | undefined)?.message ?? text);
  throw refusal(request, status, said);
}

const FORBIDDEN =
  /User "system:serviceaccount:[^:"]*:([^"]+)" cannot (\w+) resource "([^"]+)" in API group "([^"]*)"(?: in the namespace "([^"]+)")?/;

/** A 403 says which permission is missing, and what gives it. */
function refusal({ method, path }: ClusterRequest, status: number, said: string): KubernetesError {
  const [, application, verb, resource, group, namespace] = FORBIDDEN.exec(said) ?? [];
  if (status !== 403 || application === undefined || verb === undefined || resource === undefined) {
    const message = `Cannot ${method} ${path}: ${status}: ${said}`;
    return new KubernetesError({ code: "ERR_KUBERNETES_API", status, message });
  }
  const what = group ? `${resource}.${group}` : resource;
  const where = namespace ? ` in namespace "${namespace}"` : "";
  const message = `Cannot ${verb} ${what}${where}: not permitted, run: juju trust ${application} --scope=cluster`;
  const permission = { application, verb, resource: what };
  return new KubernetesError({ code: "ERR_KUBERNETES_API", status, message, permission });
}
