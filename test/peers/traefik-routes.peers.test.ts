import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import http, { type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { fileText } from "../../charms/traefik-k8s/dynamic.ts";
import {
  type Application,
  ingressRoutes,
  type Surroundings,
} from "../../charms/traefik-k8s/ingress-routes.ts";
import {
  type Gateway,
  listening,
  type Program,
  standIn,
  startGateway,
} from "../../workload/traefik/golden/process.ts";
import { freePort } from "../../workload/traefik/golden/servers.ts";
import { buildTraefik } from "./traefik.ts";

const HOST = "127.0.0.1";
const peer = await buildTraefik();
const programs: readonly (readonly [string, Program])[] = [
  ["the stand-in", standIn],
  ...("program" in peer ? [["Traefik", [peer.program]] as const] : []),
];
if ("missing" in peer) test.skip(`the real Traefik: ${peer.missing}`);

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const serve = (answer: http.RequestListener): Promise<Server> =>
  new Promise((resolve) => {
    const server = http.createServer({ maxHeaderSize: 2_000_000 }, answer);
    server.listen(0, HOST, () => resolve(server));
  });
const portOf = (server: Server): number => (server.address() as AddressInfo).port;

interface Answer {
  readonly status: number;
  readonly body: string;
}

const get = (port: number, route: string, headers: Record<string, string> = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const request = http.get({ host: HOST, port, path: route, headers, agent: false }, (response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => {
        body += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
      response.on("error", reject);
    });
    request.on("error", reject);
  });

/** Asks again until the answer is of that status; a reload takes a moment. */
async function becomes(port: number, route: string, status: number): Promise<Answer> {
  for (let tries = 0; tries < 100; tries++) {
    const answer = await get(port, route);
    if (answer.status === status) return answer;
    await pause(50);
  }
  return get(port, route);
}

let app: Server;
let point: Server;
let allows = false;

beforeAll(async () => {
  app = await serve((request, response) =>
    response.end(`user=${request.headers["x-auth-request-user"] ?? ""}`),
  );
  point = await serve((_request, response) => {
    if (allows) response.setHeader("X-Auth-Request-User", "ada");
    response.writeHead(allows ? 200 : 401).end();
  });
});
afterAll(() => {
  for (const server of [app, point]) {
    server.close();
    server.closeAllConnections();
  }
});

const application = (name: string, treatment: Application["treatment"]): Application => ({
  relationId: 1,
  treatment,
  units: [{ state: "ready", data: { host: HOST } }],
  data: {
    model: "m",
    name,
    port: portOf(app),
    scheme: "http",
    "strip-prefix": true,
    "redirect-https": false,
    is_port_open: false,
  },
});

const around = (address: string): Surroundings => ({
  gateway: { scheme: "http", host: "gw.test", authority: "gw.test", httpsPort: 443 },
  mode: "path",
  tls: false,
  basicAuthUser: undefined,
  point: { relationId: 3, address, apps: ["app"], headers: [] },
});

describe.each(programs)("%s", (_name, program) => {
  let work: string;
  let dynamic: string;
  let port: number;
  let gateway: Gateway;
  const file = (name: string) => path.join(dynamic, name);
  const put = async (name: string, text: string): Promise<void> => {
    await writeFile(path.join(work, "new"), text);
    await rename(path.join(work, "new"), file(name));
  };
  const decisions = () => `http://${HOST}:${portOf(point)}`;

  beforeEach(async () => {
    allows = false;
    work = await mkdtemp(path.join(tmpdir(), "iap-routes-"));
    dynamic = path.join(work, "juju");
    await mkdir(dynamic);
    port = await freePort(HOST);
    const config = {
      entryPoints: { web: { address: `${HOST}:${port}` } },
      providers: { providersThrottleDuration: "100ms", file: { directory: dynamic, watch: true } },
    };
    await writeFile(path.join(work, "traefik.yaml"), JSON.stringify(config));
    await put("1_app.yaml", fileText(ingressRoutes(application("app", "ask"), around(decisions()))));
    await put("2_open.yaml", fileText(ingressRoutes(application("open", "open"), around(decisions()))));
    gateway = startGateway(program, [`--configFile=${path.join(work, "traefik.yaml")}`]);
    expect(await listening(HOST, port, 20_000)).toBe(true);
    expect((await becomes(port, "/m-open", 200)).status).toBe(200);
  });
  afterEach(async () => {
    await gateway.stop();
    await rm(work, { recursive: true, force: true });
  });

  const stays = async (): Promise<void> => {
    expect((await get(port, "/m-app/x", { "X-Auth-Request-User": "mallory" })).status).toBe(401);
    expect((await get(port, "/m-open/x")).status).toBe(200);
  };

  test("a protected route asks, and only the decision point says who is calling", async () => {
    await stays();
    allows = true;
    expect(await get(port, "/m-app/x", { "X-Auth-Request-User": "mallory" })).toEqual({
      status: 200,
      body: "user=ada",
    });
  });

  test("an open route takes identity fields of clients away", async () => {
    const answer = await get(port, "/m-open/x", { "X-Auth-Request-User": "mallory" });
    expect(answer).toEqual({ status: 200, body: "user=" });
  });

  test.each([
    ["text that is no YAML", "http: [\n"],
    ["a standalone element", "http: {}\n"],
    [
      "a key twice",
      "http:\n  routers:\n    r: {rule: 'Path(`/r`)', service: s}\n    r: {rule: 'Path(`/q`)', service: s}\n",
    ],
    ["an unknown key", "http:\n  routers:\n    r: {rule: 'Path(`/r`)', service: s, surprise: 1}\n"],
    ["a wrong type", "http:\n  routers:\n    r: {rule: 'Path(`/r`)', service: s, priority: high}\n"],
    ["a broken template", "http:\n  routers:\n    r: {rule: 'Path(`/{{`)', service: s}\n"],
    ["a list", "- a\n"],
  ])("a file with %s opens and breaks nothing, and no longer counts when it is gone", async (_what, text) => {
    await put("3_bad.yaml", text);
    await pause(400);
    await stays();
    await rm(file("3_bad.yaml"));
    await put("2_open.yaml", fileText(ingressRoutes(application("open", "closed"), around(decisions()))));
    expect((await becomes(port, "/m-open/x", 503)).status).toBe(503);
    expect((await get(port, "/m-app/x")).status).toBe(401);
  });

  test.each([
    [
      "a missing middleware",
      { rule: "PathPrefix(`/m-app`)", service: "juju-m-app-service", middlewares: ["none"], priority: 5000 },
    ],
    ["a rule that is none", { rule: "PathPrefix(`/m-app`", service: "juju-m-app-service", priority: 5000 }],
    ["a missing service", { rule: "PathPrefix(`/m-app`)", service: "none", priority: 5000 }],
  ])("a router with %s is left out", async (_what, router) => {
    await put(
      "3_bad.yaml",
      JSON.stringify({ http: { routers: { bad: { entryPoints: ["web"], ...router } } } }),
    );
    await pause(400);
    await stays();
  });

  test("names that are taken by a later file change nothing", async () => {
    const auth = "juju-sidecar-forward-auth-m-app";
    const empty = { http: { middlewares: { [auth]: { stripPrefix: { prefixes: ["/m-app"] } } } } };
    await put("3_names.yaml", JSON.stringify(empty));
    await pause(400);
    await stays();
  });

  test("a missing certificate disturbs no route", async () => {
    const pair = { certFile: file("none.cert"), keyFile: file("none.key") };
    await put("certificates.yaml", JSON.stringify({ tls: { certificates: [pair] } }));
    await pause(400);
    await stays();
  });

  test("nobody passes while the decision point is down", async () => {
    await put("1_app.yaml", fileText(ingressRoutes(application("app", "ask"), around(`http://${HOST}:1`))));
    expect((await becomes(port, "/m-app/x", 500)).status).toBe(500);
    expect((await get(port, "/m-open/x")).status).toBe(200);
  });

  test("huge fields are refused, and the gateway lives on", async () => {
    const answer = await get(port, "/m-app/x", { "X-Big": "a".repeat(1_200_000) }).catch(() => undefined);
    expect([431, undefined]).toContain(answer?.status);
    await stays();
  });

  test("requests meet a whole configuration during reloads", async () => {
    const text = fileText(ingressRoutes(application("app", "ask"), around(decisions())));
    const seen = new Set<number>();
    for (let turn = 0; turn < 30; turn++) {
      await put("1_app.yaml", text.replace("\n", `${" ".repeat(turn)}\n`));
      seen.add((await get(port, "/m-app/x")).status);
      await pause(20);
    }
    expect([...seen]).toEqual([401]);
  });
});
