/** W13: what a gateway's question adds to a request for a static page. */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { installEnvoy, installedProgram } from "../../../../test/peers/installed.ts";
import { freePort } from "../../../../test/peers/oauth2-proxy.ts";
import { buildTraefik } from "../../../../test/peers/traefik.ts";
import { answers, type Bench } from "../bench.ts";
import { median } from "../compare.ts";
import { constantRate } from "../constant-rate.ts";
import type { Measurement, Result } from "../measurement.ts";
import { cookieHeader, HYDRA, sessionValue } from "../mint/cookie.ts";
import { requestText, writeRequests } from "../requests.ts";
import type { SubjectName } from "../subjects.ts";
import { startApplication } from "./reverse-proxy.ts";

/** Requests a second: few, so that what is measured is the way and not a queue. */
const RATE = 200;

interface Ports {
  /** Without a question. */
  readonly open: number;
  /** With one. */
  readonly closed: number;
  readonly decisions: number;
  readonly application: number;
}

interface Gateway {
  readonly name: string;
  find(): Promise<{ readonly program: string } | { readonly missing: string }>;
  /** Writes the configuration; gives the arguments. */
  configure(folder: string, ports: Ports): readonly string[];
}

const nginx: Gateway = {
  name: "nginx",
  find: () => installedProgram("nginx", "the Debian package nginx-light"),
  configure(folder, { open, closed, decisions, application }) {
    const to = `proxy_pass http://127.0.0.1:${application}; proxy_http_version 1.1; proxy_set_header Connection "";`;
    const ask = `proxy_pass http://decisions/oauth2/auth; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_pass_request_body off; proxy_set_header Content-Length "";
      proxy_set_header X-Forwarded-Uri $request_uri; proxy_set_header X-Forwarded-Host $host; proxy_set_header X-Forwarded-Proto http;`;
    writeFileSync(
      path.join(folder, "nginx.conf"),
      `worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
events {}
http {
  access_log off; client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  upstream decisions { server 127.0.0.1:${decisions}; keepalive 16; }
  server { listen 127.0.0.1:${open}; location / { ${to} } }
  server { listen 127.0.0.1:${closed}; location / { auth_request /ask; ${to} } location = /ask { internal; ${ask} } }
}
`,
    );
    return ["-p", folder, "-c", `${folder}/nginx.conf`, "-g", "daemon off;"];
  },
};

const traefik: Gateway = {
  name: "Traefik",
  find: buildTraefik,
  configure(folder, { open, closed, decisions, application }) {
    const json = (name: string, value: unknown) =>
      writeFileSync(path.join(folder, name), JSON.stringify(value));
    json("dynamic.yaml", {
      http: {
        routers: {
          open: { rule: "PathPrefix(`/`)", service: "app", entryPoints: ["open"] },
          closed: { rule: "PathPrefix(`/`)", service: "app", entryPoints: ["closed"], middlewares: ["ask"] },
        },
        middlewares: {
          ask: {
            forwardAuth: {
              address: `http://127.0.0.1:${decisions}/oauth2/auth`,
              authResponseHeaders: ["X-Auth-Request-User"],
            },
          },
        },
        services: { app: { loadBalancer: { servers: [{ url: `http://127.0.0.1:${application}` }] } } },
      },
    });
    json("traefik.yaml", {
      entryPoints: {
        open: { address: `127.0.0.1:${open}` },
        closed: { address: `127.0.0.1:${closed}` },
      },
      providers: { file: { filename: `${folder}/dynamic.yaml` } },
      global: { checkNewVersion: false, sendAnonymousUsage: false },
    });
    return [`--configFile=${folder}/traefik.yaml`];
  },
};

const envoy: Gateway = {
  name: "Envoy",
  find: installEnvoy,
  configure(folder, { open, closed, decisions, application }) {
    const cluster = (name: string, port: number) => ({
      name,
      type: "STATIC",
      load_assignment: {
        cluster_name: name,
        endpoints: [
          {
            lb_endpoints: [
              { endpoint: { address: { socket_address: { address: "127.0.0.1", port_value: port } } } },
            ],
          },
        ],
      },
    });
    const type = (name: string) => `type.googleapis.com/envoy.extensions.filters.${name}`;
    const ask = {
      name: "envoy.filters.http.ext_authz",
      typed_config: {
        "@type": type("http.ext_authz.v3.ExtAuthz"),
        http_service: {
          server_uri: { uri: `http://127.0.0.1:${decisions}`, cluster: "decisions", timeout: "2s" },
          path_prefix: "/oauth2/auth",
          authorization_request: { allowed_headers: { patterns: [{ exact: "cookie" }] } },
        },
      },
    };
    const listener = (name: string, port: number, filters: readonly unknown[]) => ({
      name,
      address: { socket_address: { address: "127.0.0.1", port_value: port } },
      filter_chains: [
        {
          filters: [
            {
              name: "http",
              typed_config: {
                "@type": type("network.http_connection_manager.v3.HttpConnectionManager"),
                stat_prefix: name,
                route_config: {
                  virtual_hosts: [
                    { name, domains: ["*"], routes: [{ match: { prefix: "/" }, route: { cluster: "app" } }] },
                  ],
                },
                http_filters: [
                  ...filters,
                  { name: "router", typed_config: { "@type": type("http.router.v3.Router") } },
                ],
              },
            },
          ],
        },
      ],
    });
    const configuration = {
      static_resources: {
        listeners: [listener("open", open, []), listener("closed", closed, [ask])],
        clusters: [cluster("app", application), cluster("decisions", decisions)],
      },
    };
    writeFileSync(path.join(folder, "envoy.json"), JSON.stringify(configuration));
    return ["-c", `${folder}/envoy.json`, "--concurrency", "1", "--use-dynamic-base-id", "-l", "error"];
  },
};

async function run(gateway: Gateway, bench: Bench): Promise<Result> {
  const label = `W13: what a question of ${gateway.name}'s adds to a page, p50 at ${RATE}/s`;
  const peer = await gateway.find();
  if ("missing" in peer)
    return { rows: [{ label, unit: "ms", values: {}, note: `not measured: ${peer.missing}` }] };
  const application = await startApplication(bench);
  const file = path.join(bench.folder, "W13.requests");
  writeRequests(file, 100, (index) =>
    requestText({
      target: "/app/100",
      lines: [`Cookie: ${cookieHeader(sessionValue(HYDRA, index))}`, "Accept: */*"],
    }),
  );
  const values: Partial<Record<SubjectName, number>> = {};
  const raw: Partial<Record<SubjectName, unknown>> = {};
  for (const name of ["ours", "oauth2-proxy"] as const) {
    const subject = await bench.start(name);
    const ports = { open: await freePort(), closed: await freePort(), decisions: subject.port, application };
    const folder = path.join(bench.folder, `W13-${gateway.name}-${name}`);
    mkdirSync(folder);
    const proxy = bench.spawn(peer.program, gateway.configure(folder, ports));
    await answers(`http://127.0.0.1:${ports.open}/app/1`);
    const ask = (port: number, seconds: number) =>
      constantRate({ port, requests: file, rate: RATE, seconds });
    await ask(ports.closed, bench.effort.warmUp);
    const added: number[] = [];
    for (let round = 0; round < bench.effort.rounds; round++) {
      const [without, asked] = [
        await ask(ports.open, bench.effort.seconds),
        await ask(ports.closed, bench.effort.seconds),
      ];
      if (Object.keys(asked.statuses).join() !== "200")
        throw new Error(`${gateway.name} with ${name}: ${JSON.stringify(asked.statuses)}`);
      added.push((asked.p50 - without.p50) / 1000);
    }
    proxy.kill();
    await subject.close();
    values[name] = median(added);
    raw[name] = added;
  }
  const { ours = Number.NaN, "oauth2-proxy": upstream = Number.NaN } = values;
  const ratio = ours > 0 && upstream > 0 ? { ratio: upstream / ours } : {};
  return { rows: [{ label, unit: "ms", values, ...ratio }], raw };
}

/** The measurements. */
export const GATEWAYS: readonly Measurement[] = [nginx, traefik, envoy].map((gateway) => ({
  id: `W13 ${gateway.name}`,
  about: `a static page through ${gateway.name}, with and without authorization`,
  quick: false,
  run: (bench) => run(gateway, bench),
}));
