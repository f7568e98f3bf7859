/** One scene: a gateway with its files, its servers, and the cases that are sent through it. @module */

import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import path from "node:path";
import { parse, stringify } from "yaml";
import { exchange, openLine, type Way } from "./client.ts";
import { difference, expectation } from "./compare.ts";
import { filled, filledDeep, type Places } from "./places.ts";
import { type Gateway, listening, type Program, startGateway } from "./process.ts";
import type { Case, Heard, Scene, Step } from "./recording.ts";
import { type Cast, freePort, openServers } from "./servers.ts";

/** What all scenes share. */
export interface Stage {
  readonly program: Program;
  readonly materials: Readonly<Record<string, string>>;
  readonly hosts: {
    readonly client: string;
    readonly app: string;
    readonly authz: string;
    readonly listen: string;
  };
}

/** How one case went. */
export interface Result {
  readonly name: string;
  readonly difference?: string;
}

const MARKER = "zzz_marker.yaml";
const MARKER_TEXT =
  "http:\n  middlewares:\n    zzz-marker:\n      stripPrefix:\n        prefixes:\n        - /zzz\n";
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A scene that runs. */
export interface Running {
  readonly cast: Cast;
  readonly gateway: Gateway;
  readonly places: Places;
  readonly folder: string;
  readonly ports: Readonly<Record<string, number>>;
  readonly stage: Stage;
}

type Table = Record<string, unknown>;

/** The recorder's additions to the static file. */
function withApi(scene: string, text: string): string {
  const config = parse(text) as Table & { entryPoints: Table; log?: Table };
  config.log = { ...config.log, format: "json" };
  if (scene === "diag" || scene.endsWith("-without-api")) return stringify(config);
  config.entryPoints["traefik"] = { address: "<listen>:8099" };
  config["api"] = { insecure: true, dashboard: false };
  return stringify(config);
}

/** Gives every entry point a free port; a redirect that names a port of one of them follows. */
async function mapped(text: string, host: string): Promise<{ text: string; ports: Record<string, number> }> {
  const ports: Record<string, number> = {};
  const config = parse(text) as { entryPoints?: Record<string, { address?: string }> };
  for (const [name, entryPoint] of Object.entries(config.entryPoints ?? {})) {
    const [, port = "", protocol = ""] = /^<listen>:(\d+)(\/\w+)?$/.exec(entryPoint.address ?? "") ?? [];
    if (port === "") continue;
    ports[name] = await freePort(host);
    ports[port] = ports[name];
    entryPoint.address = `<listen>:${ports[name]}${protocol}`;
  }
  return { text: stringify(config), ports };
}

async function material(stage: Stage, text: string, places: Places): Promise<string> {
  const [, name] = /^\(certificate material: <certs>\/(.*)\)$/.exec(text) ?? [];
  return name === undefined ? filled(text, places) : (stage.materials[name] ?? "");
}

async function writeFiles(
  running: Pick<Running, "stage" | "places">,
  folder: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, await material(running.stage, text, running.places));
  }
}

/** Whether the gateway says that it has read the marker. */
async function loaded({ stage, ports }: Running): Promise<void> {
  const way = { host: stage.hosts.listen, port: ports["traefik"] ?? 0, from: stage.hosts.client };
  const bytes =
    "GET /api/http/middlewares/zzz-marker@file HTTP/1.1\r\nHost: api.test\r\nConnection: close\r\n\r\n";
  for (let tries = 0; tries < 100; tries++) {
    const heard = await exchange(
      way,
      { bytes },
      { timeout: 500, tunnel: undefined, closes: false, bytes: undefined },
    );
    if ((heard["response"] as { status?: number } | undefined)?.status === 200) return;
    await pause(20);
  }
}

async function start(name: string, scene: Scene, stage: Stage): Promise<Running> {
  const work = await mkdtemp(path.join(tmpdir(), "iap-traefik-"));
  const folder = path.join(work, "dyn");
  const certs = path.join(work, "certs");
  await Promise.all([mkdir(folder), mkdir(certs)]);
  const cast = await openServers(stage.hosts, {
    cert: stage.materials["backend.cert"] ?? "",
    key: stage.materials["backend.key"] ?? "",
  });
  const { text, ports } = await mapped(withApi(name, scene.static), stage.hosts.listen);
  const places: Places = {
    ...cast.addresses,
    listen: stage.hosts.listen,
    client: stage.hosts.client,
    "app-ip": stage.hosts.app,
    hostname: hostname(),
    dyn: folder,
    certs,
    work,
    dir: work,
    static: path.join(work, "traefik.yaml"),
  };
  const shared = { stage, places };
  await writeFiles(
    shared,
    certs,
    Object.fromEntries(
      Object.keys(stage.materials).map((file) => [file, `(certificate material: <certs>/${file})`]),
    ),
  );
  await writeFiles(shared, folder, scene.files ?? {});
  const marked = !name.startsWith("first-");
  if (marked) await writeFile(path.join(folder, MARKER), MARKER_TEXT);
  await writeFile(places["static"] ?? "", filled(text, places));
  const gateway = startGateway(
    stage.program,
    [`--configFile=${places["static"]}`],
    filledDeep(scene.env ?? {}, places),
  );
  const running: Running = { cast, gateway, places, folder, ports, stage };
  await listening(stage.hosts.listen, ports["web"] ?? 0, 10_000);
  if (
    marked &&
    ports["traefik"] !== undefined &&
    !/invalid|bad-interval|unknown-option|empty-user/.test(name)
  )
    await loaded(running);
  else await pause(400);
  return running;
}

/** The recorder had `websecure` on 443, which redirects leave out. */
function withoutMappedPorts(heard: Heard, ports: Running["ports"]): Heard {
  const text = JSON.stringify(heard);
  const mappedPorts = [ports["443"], ports["80"]].filter((port) => port !== undefined);
  const others = Object.entries(ports).filter(
    ([port]) => /^\d+$/.test(port) && port !== "443" && port !== "80",
  );
  const short = mappedPorts.reduce((all, port) => all.replaceAll(`:${port}`, ""), text);
  return JSON.parse(
    others.reduce((all, [port, now]) => all.replaceAll(`:${now}`, `:${port}`), short),
  ) as Heard;
}

function way({ stage, ports }: Running, entry: string | number = "web"): Way {
  return { host: stage.hosts.listen, port: ports[String(entry)] ?? 1, from: stage.hosts.client };
}

async function changed(running: Running, step: Step): Promise<boolean> {
  const { folder, gateway } = running;
  for (const name of step.remove ?? []) await rm(path.join(folder, name), { force: true });
  if (step.write) await writeFiles(running, folder, step.write);
  for (const [name, text] of Object.entries(step.moveIn ?? {})) {
    const beside = path.join(folder, "..", `new-${name}`);
    await writeFile(beside, await material(running.stage, text, running.places));
    await rename(beside, path.join(folder, name));
  }
  if (step.signal) gateway.child.kill(step.signal);
  return Boolean(step.remove || step.write || step.moveIn || step.signal);
}

async function attempt(running: Running, step: Step, wanted: Heard): Promise<string | undefined> {
  const { cast } = running;
  const plan = filledDeep(step.request ?? {}, running.places);
  Object.assign(
    cast.desk,
    filledDeep(
      { appProgram: step.appProgram, authzProgram: step.authzProgram, rawProgram: step.rawProgram },
      running.places,
    ),
  );
  cast.desk.application = [];
  cast.desk.decision = [];
  const expectedTunnel = wanted["tunnel"] as string | undefined;
  const outcome = ["response", "responses", "none", "bytes", "failed", "tlsError", "h2error"].some(
    (field) => field in wanted,
  );
  const heard = await exchange(way(running, plan.entry), plan, {
    ...(Array.isArray(wanted["responses"]) ? { several: wanted["responses"].length } : {}),
    ...(outcome ? {} : { leaves: 200 }),
    timeout: plan.timeout ?? 3000,
    tunnel: expectedTunnel?.length,
    closes: wanted["connection"] !== undefined,
    bytes: (wanted["bytes"] as string | undefined)?.length,
  });
  const settled = (field: "application" | "decision") =>
    cast.desk[field].length >= ((wanted[field] as unknown[] | undefined)?.length ?? 0) &&
    !JSON.stringify(wanted[field] ?? []).includes('"aborted"');
  for (let tries = 0; tries < 40 && !(settled("application") && settled("decision")); tries++) await pause(5);
  const { application, decision } = cast.desk;
  const actual = {
    ...heard,
    ...("tlsError" in heard ? { tlsError: true } : {}),
    ...(application.length > 0 ? { application } : {}),
    ...(decision.length > 0 ? { decision } : {}),
  };
  return difference(wanted, withoutMappedPorts(actual, running.ports));
}

/** After a change the answer may be the old one for a while. */
const SETTLE_MS = 3000;

async function runStep(running: Running, step: Step): Promise<string | undefined> {
  const hasChanged = await changed(running, step);
  if (hasChanged) await pause(250);
  if (!step.request) return undefined;
  const wanted = filledDeep(expectation(step), running.places);
  const end = performance.now() + (hasChanged ? SETTLE_MS : 0);
  for (;;) {
    const found = await attempt(running, step, wanted);
    if (found === undefined || performance.now() > end) return found;
    await pause(100);
  }
}

/** Cases whose steps are more than an exchange after the other. */
const staged: Readonly<Record<string, (running: Running, test: Case) => Promise<string | undefined>>> = {
  async "change/in-flight"(running, test) {
    const [slow, removed, answer] = test.steps ?? [];
    const [file = ""] = ["juju_ingress_ingress_1_app.yaml"];
    running.cast.desk.appProgram = { delay: 900 };
    const line = await openLine(way(running));
    line.send(slow?.request?.bytes ?? "");
    await pause(150);
    const kept = path.join(running.folder, "..", "kept");
    await rename(path.join(running.folder, file), kept);
    await pause(300);
    const gone = await exchange(way(running), removed?.request ?? {}, {
      timeout: 2000,
      tunnel: undefined,
      closes: false,
      bytes: undefined,
    });
    const [first] = await line.answers(1, 3000);
    line.socket.destroy();
    await rename(kept, path.join(running.folder, file));
    running.cast.desk.appProgram = undefined;
    await pause(300);
    return (
      difference(removed?.response, gone["response"], "response") ??
      difference(answer?.response, first, "first.response")
    );
  },
  async "change/keep-alive-connection"(running, test) {
    const file = path.join(running.folder, "juju_ingress_ingress_1_app.yaml");
    const { readFile } = await import("node:fs/promises");
    const before = await readFile(file, "utf8");
    const line = await openLine(way(running));
    line.send(test.steps?.[0]?.request?.bytes ?? "");
    await line.answers(1, 2000);
    const beside = path.join(running.folder, "..", "changed");
    await writeFile(beside, before.replaceAll(running.places["app0"] ?? "", running.places["app1"] ?? ""));
    await rename(beside, file);
    await pause(400);
    line.send(test.steps?.[1]?.request?.bytes ?? "");
    const answers = await line.answers(2, 2000);
    line.socket.destroy();
    await writeFile(file, before);
    await pause(300);
    return difference(
      ["app0 ok\n", "app1 ok\n"],
      answers.map((answer) => answer["body"]),
      "bodies",
    );
  },
  async "change/websocket-survives"(running) {
    const file = path.join(running.folder, "juju_ingress_ingress_1_app.yaml");
    const kept = path.join(running.folder, "..", "kept");
    const line = await openLine(way(running));
    line.send(
      "GET /m-app/ws HTTP/1.1\r\nHost: gw.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
    const [head] = await line.answers(1, 2000);
    await rename(file, kept);
    await pause(300);
    line.send("\u0001\u0002\u0003");
    for (let tries = 0; tries < 100 && line.reader.text === ""; tries++) await pause(10);
    const text = line.reader.text;
    line.socket.destroy();
    await rename(kept, file);
    await pause(300);
    return difference({ status: 101, text: "echo:\u0001\u0002\u0003" }, { status: head?.["status"], text });
  },
  // The recording does not name the checks' answers.
  async "health/all-unhealthy"(running, test) {
    running.cast.desk.appProgram = { byPath: { "/health?x=1": { status: 500 } } };
    await pause(1500);
    const plan = filledDeep(test.request ?? {}, running.places);
    const patience = { timeout: 2000, tunnel: undefined, closes: false, bytes: undefined };
    const { response } = await exchange(way(running), plan, patience);
    running.cast.desk.appProgram = undefined;
    return difference({ response: filledDeep(test.response, running.places) }, { response });
  },
  // The recording does not name the answer of the decision point, a refusal, which it has in its last step.
  async "open-after-bad-file/stays-open"(running, test) {
    for (const step of test.steps ?? []) {
      const found = await runStep(running, { authzProgram: { status: 401, body: "denied\n" }, ...step });
      if (found !== undefined) return `${step.name}: ${found}`;
    }
    return undefined;
  },
  async "fa/decision-refused"(running, test) {
    await running.cast.decisionPoint("down");
    const [refused, webSocket, back] = test.steps ?? [];
    const faults = [await runStep(running, refused ?? {}), await runStep(running, webSocket ?? {})];
    await running.cast.decisionPoint("up");
    return [...faults, await runStep(running, back ?? {})].find((fault) => fault !== undefined);
  },
};

async function bodies(running: Running, test: Case): Promise<string | undefined> {
  const found: string[] = [];
  for (let turn = 0; turn < (test.order?.length ?? 0); turn++) {
    const heard = await exchange(way(running), test.request ?? {}, {
      timeout: 2000,
      tunnel: undefined,
      closes: false,
      bytes: undefined,
    });
    found.push(String((heard["response"] as Heard | undefined)?.["body"] ?? "").trim());
  }
  // Where the rotation starts is open.
  const turned = test.order?.map((_, shift) => [
    ...(test.order?.slice(shift) ?? []),
    ...(test.order?.slice(0, shift) ?? []),
  ]);
  return turned?.some((order) => difference(order, found) === undefined)
    ? undefined
    : difference(test.order, found, "order");
}

/** Whether this runner can play a case at all. */
export const isPlayable = (test: Case): boolean =>
  staged[test.id] !== undefined ||
  (test.request !== undefined &&
    (test.request.times === undefined || test.order !== undefined) &&
    !test.id.startsWith("api/rawdata")) ||
  ((test.steps?.every((step) => step.until === undefined) &&
    test.steps.some((step) => step.request !== undefined)) ??
    false);

/** Programs of a case hold for its steps. */
const programsOf = ({ authzProgram, appProgram, rawProgram }: Case): Step => ({
  ...(authzProgram && { authzProgram }),
  ...(appProgram && { appProgram }),
  ...(rawProgram && { rawProgram }),
});

async function runCase(running: Running, test: Case): Promise<string | undefined> {
  const special = staged[test.id];
  if (special) return special(running, test);
  if (test.order) return bodies(running, test);
  if (!test.steps) return runStep(running, test);
  for (const step of test.steps) {
    const found = await runStep(running, { ...programsOf(test), ...step });
    if (found !== undefined) return `${step.name}: ${found}`;
  }
  return undefined;
}

/** Plays a scene; every case gets a result. */
export async function playScene(
  name: string,
  scene: Scene,
  cases: readonly Case[],
  stage: Stage,
): Promise<Result[]> {
  const running = await start(name, scene, stage);
  const results: Result[] = [];
  try {
    for (const test of cases) {
      const found = await runCase(running, test).catch((error: Error) => `runner: ${error.message}`);
      results.push({ name: test.id, ...(found === undefined ? {} : { difference: found }) });
    }
  } finally {
    if (running.gateway.child.exitCode !== null)
      console.error(`${name}: the gateway ended: ${running.gateway.output().slice(-1500)}`);
    await running.gateway.stop();
    running.cast.close();
    await rm(path.join(running.folder, ".."), { recursive: true, force: true });
  }
  return results;
}
