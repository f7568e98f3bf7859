import { access, appendFile, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseDocument } from "yaml";
import { makeCertificate } from "../../../workload/forward-auth/testing/certificate.ts";
import { standIn } from "../../../workload/traefik/golden/process.ts";
import type { Peer } from "../go-program.ts";
import { installEnvoy, installedProgram } from "../installed.ts";
import { buildTraefik } from "../traefik.ts";
import { exampleText, type Places, placed } from "./example.ts";
import { nginxConfiguration, readIngresses } from "./ingress-nginx.ts";
import { envoyConfiguration } from "./istio.ts";

/** A proxy, and in what its users see a difference. */
export interface ProxyExample {
  readonly name: string;
  /** Folder of the example. */
  readonly example: string;
  /** The program, or why there is none. */
  find(): Promise<Peer>;
  /** What is left to do in the copied folder. */
  prepare?(folder: string, places: Places): Promise<void>;
  /** Arguments; the program starts in the folder. */
  arguments(folder: string): readonly string[];
  /** Status of a POST while nobody is signed in. */
  readonly anonymousPost: 401 | 302;
  /** Status when the decision point is gone. */
  readonly outage: number;
  /** Status of a request with another spelling of an identity header: 200, without it, or a refusal. */
  readonly alias: { readonly _: number; readonly ".": number };
  /** True when a renewed session reaches the browser. */
  readonly renews: boolean;
  /** Path that reaches the application for `/a%2Fb//c`. */
  readonly slashes: string;
  /** Status of our own page with 200. */
  readonly page: 200 | 403;
  /** What becomes of a `;` in a query; absent: nothing. */
  readonly semicolon?: "&";
}

const envoy = ["-c", "envoy.yaml", "--concurrency", "1", "--use-dynamic-base-id", "-l", "warning"];
const nginx = (folder: string) => ["-p", folder, "-c", path.join(folder, "nginx.conf"), "-g", "daemon off;"];

/** Where Debian keeps nginx's modules. */
export const MODULES = "/usr/lib/nginx/modules";

/** nginx with Lua, as the controller has it. */
export async function nginxWithLua(): Promise<Peer> {
  const found = await access(path.join(MODULES, "ngx_http_lua_module.so")).then(
    () => true,
    () => false,
  );
  return found
    ? installedProgram("nginx", "the Debian package nginx-light")
    : { missing: "nginx has no Lua module; it is in the Debian package libnginx-mod-http-lua" };
}

/** Has Envoy and the decision point show each other certificates, as the example's README says. */
async function speakTls(folder: string): Promise<void> {
  const authority = await makeCertificate(folder, "authority");
  const server = await makeCertificate(folder, "server", authority);
  await makeCertificate(folder, "client", authority);
  const toml = [
    `grpc_tls_cert_file = "${server.certFile}"`,
    `grpc_tls_key_file = "${server.keyFile}"`,
    `grpc_tls_client_ca_file = "${authority.certFile}"`,
  ];
  await appendFile(path.join(folder, "forward-auth.toml"), `\n${toml.join("\n")}\n`);
  const file = path.join(folder, "envoy.yaml");
  const configuration = parseDocument(await readFile(file, "utf8"));
  const named = (name: string) => ({ filename: path.join(folder, name) });
  configuration.setIn(["static_resources", "clusters", 0, "transport_socket"], {
    name: "envoy.transport_sockets.tls",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
      common_tls_context: {
        tls_certificates: [{ certificate_chain: named("client.pem"), private_key: named("client.key") }],
        validation_context: { trusted_ca: named("authority.pem") },
      },
    },
  });
  await writeFile(file, configuration.toString());
}

/** Every example that runs on one machine. */
export const PROXIES: readonly ProxyExample[] = [
  {
    name: "traefik",
    example: "traefik",
    find: buildTraefik,
    arguments: () => ["--configFile=traefik.yaml"],
    anonymousPost: 401,
    outage: 500,
    alias: { _: 400, ".": 400 },
    renews: true,
    page: 200,
    slashes: "/a%2Fb/c",
    semicolon: "&",
  },
  {
    name: "our traefik",
    example: "traefik",
    find: async () => ({ program: standIn[0] ?? "" }),
    arguments: () => [...standIn.slice(1), "--configFile=traefik.yaml"],
    anonymousPost: 401,
    outage: 500,
    alias: { _: 400, ".": 400 },
    renews: true,
    page: 200,
    slashes: "/a%2Fb/c",
    semicolon: "&",
  },
  {
    name: "caddy",
    example: "caddy",
    find: () => installedProgram("caddy", "the Debian package caddy"),
    arguments: () => ["run", "--config", "Caddyfile", "--adapter", "caddyfile"],
    anonymousPost: 401,
    outage: 502,
    alias: { _: 200, ".": 400 },
    renews: false,
    page: 200,
    slashes: "/a%2Fb//c",
  },
  {
    name: "haproxy",
    example: "haproxy",
    find: () => installedProgram("haproxy", "the Debian package haproxy"),
    arguments: () => ["-db", "-f", "haproxy.cfg"],
    anonymousPost: 401,
    outage: 503,
    alias: { _: 200, ".": 200 },
    renews: true,
    page: 200,
    slashes: "/a%2Fb//c",
  },
  {
    name: "nginx",
    example: "nginx",
    find: () => installedProgram("nginx", "the Debian package nginx-light"),
    arguments: nginx,
    anonymousPost: 401,
    outage: 500,
    alias: { _: 200, ".": 200 },
    renews: true,
    page: 200,
    slashes: "/a%2Fb//c",
  },
  {
    name: "ingress-nginx",
    example: "ingress-nginx",
    find: nginxWithLua,
    async prepare(folder, { web }) {
      const ingresses = readIngresses(await readFile(path.join(folder, "ingress.yaml"), "utf8"));
      const text = nginxConfiguration(ingresses, { listen: `127.0.0.1:${web}`, modules: MODULES });
      await writeFile(path.join(folder, "nginx.conf"), text);
    },
    arguments: nginx,
    anonymousPost: 302,
    outage: 500,
    alias: { _: 200, ".": 200 },
    renews: true,
    page: 200,
    slashes: "/a%2Fb//c",
  },
  {
    name: "envoy-http",
    example: "envoy-http",
    find: installEnvoy,
    arguments: () => envoy,
    anonymousPost: 401,
    outage: 503,
    alias: { _: 400, ".": 200 },
    renews: true,
    page: 200,
    slashes: "/a%2Fb/c",
  },
  {
    name: "istio",
    example: "istio",
    find: installEnvoy,
    async prepare(folder, places) {
      const mesh = await readFile(path.join(folder, "mesh.yaml"), "utf8");
      const envoyText = placed(await exampleText("envoy-http", "envoy.yaml"), places);
      await writeFile(path.join(folder, "envoy.yaml"), envoyConfiguration(mesh, envoyText));
    },
    arguments: () => envoy,
    anonymousPost: 401,
    outage: 503,
    alias: { _: 200, ".": 200 },
    renews: true,
    page: 403,
    slashes: "/a%2Fb//c",
  },
  {
    name: "envoy-grpc",
    example: "envoy-grpc",
    find: installEnvoy,
    arguments: () => envoy,
    anonymousPost: 401,
    outage: 503,
    alias: { _: 400, ".": 400 },
    renews: true,
    page: 200,
    slashes: "/a%2Fb/c",
  },
  {
    name: "envoy-grpc over TLS",
    example: "envoy-grpc",
    find: installEnvoy,
    prepare: speakTls,
    arguments: () => envoy,
    anonymousPost: 401,
    outage: 503,
    alias: { _: 400, ".": 400 },
    renews: true,
    page: 200,
    slashes: "/a%2Fb/c",
  },
];
