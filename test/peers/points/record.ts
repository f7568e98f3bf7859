/**
 * Records what each proxy asks, as fixtures for `workload/forward-auth/points`.
 *
 * Usage: `node test/peers/points/record.ts [example...]`
 */
import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { listening, startGateway } from "../../../workload/traefik/golden/process.ts";
import { freePort } from "../oauth2-proxy.ts";
import { startApplication } from "./application.ts";
import { CASES, type Case } from "./cases.ts";
import { copyExample, type Places } from "./example.ts";
import { PROXIES, type ProxyExample } from "./proxies.ts";
import { type Asked, startRecorder } from "./recording.ts";
import { send } from "./send.ts";

const FIXTURES = path.resolve(import.meta.dirname, "../../../workload/forward-auth/points/fixtures");

/** An example, and what is changed in it. */
interface Recording {
  readonly name: string;
  readonly example: string;
  readonly change?: (text: string) => string;
}

const trustForwardHeader = (value: string) => (text: string) =>
  text.replace(/ *trustForwardHeader: false\n/, value);

const RECORDINGS: readonly Recording[] = [
  ...PROXIES.filter(({ name, example }) => name === example).map(({ name, example }) => ({ name, example })),
  { name: "traefik-trust-absent", example: "traefik", change: trustForwardHeader("") },
  {
    name: "traefik-trust-true",
    example: "traefik",
    change: trustForwardHeader("        trustForwardHeader: true\n"),
  },
  {
    name: "envoy-http-no-prefix",
    example: "envoy-http",
    change: (text) => text.replace(/ *path_prefix: .*\n/, ""),
  },
];

/** Takes every host, so that hosts can be recorded. */
const anyHost = (text: string): string =>
  text
    .replaceAll("Host(`127.0.0.1`)", "PathPrefix(`/`)")
    .replace(/domains: \["127\.0\.0\.1:\d+"\]/, 'domains: ["*"]')
    .replace(/^http:\/\/127\.0\.0\.1:(\d+) \{/m, "http://:$1 {");

async function prepare({ example, change }: Recording, proxy: ProxyExample, places: Places): Promise<string> {
  const folder = await copyExample(example, places);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.relative(folder, path.join(entry.parentPath, entry.name));
    const text = anyHost(await readFile(path.join(folder, file), "utf8"));
    await writeFile(path.join(folder, file), change?.(text) ?? text);
  }
  await proxy.prepare?.(folder, places);
  return folder;
}

/** This run's ports as the example has them. */
function settled(text: string, { web, decisions, application }: Places): string {
  return text
    .replaceAll(String(web), "8080")
    .replaceAll(String(decisions), "4180")
    .replaceAll(String(application), "8081");
}

function settledAsked(asked: Asked, places: Places): Asked {
  if ("check" in asked) return asked;
  const headers = asked.headers.map((value, index) => {
    const name = asked.headers[index - 1]?.toLowerCase() ?? "";
    if (index % 2 === 0) return value;
    if (name === "x-forwarded-server") return "gateway";
    const random = /^(?:x-request-id|traceparent)$/.test(name);
    return random ? value.replace(/[0-9a-f]/g, "0") : settled(value, places);
  });
  return { ...asked, headers };
}

const run = promisify(execFile);

/** The version in the program's own words. */
async function versionOf(program: string): Promise<string> {
  for (const flag of ["--version", "version", "-v"]) {
    const printed = await run(program, [flag]).catch(() => undefined);
    const text = `${printed?.stdout ?? ""}${printed?.stderr ?? ""}`;
    const found = /\d+\.\d+\.\d+/.exec(program.match(/-(\d+\.\d+\.\d+)\//)?.[1] ?? text)?.[0];
    if (found !== undefined) return found;
  }
  return "unknown";
}

async function record(recording: Recording, proxy: ProxyExample, program: string): Promise<void> {
  const [recorder, application, web] = await Promise.all([startRecorder(), startApplication(), freePort()]);
  const { decisions, grpc } = recorder;
  const places = { web, decisions, grpc, application: application.port, issuer: "http://127.0.0.1:1" };
  const folder = await prepare(recording, proxy, places);
  const gateway = startGateway(["/usr/bin/env", "-C", folder, program], proxy.arguments(folder), {
    HOME: folder,
  });
  if (!(await listening("127.0.0.1", web, 20_000))) throw new Error(gateway.output());
  while ((await send({ name: "", method: "GET", target: "/ready" }, web)) !== 200) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const cases: Record<string, unknown> = {};
  for (const sent of CASES) {
    recorder.forget();
    const before = application.arrivals.length;
    const status = await send(sent, web);
    const asked = recorder.last();
    const arrival = application.arrivals.slice(before).at(-1);
    cases[sent.name] = {
      sent: sentOf(sent, proxy.example === "envoy-grpc" ? web : 8080),
      ...(asked === undefined ? { refused: status } : { asked: settledAsked(asked, places) }),
      ...(arrival === undefined ? {} : { arrived: { method: arrival.method, url: arrival.url } }),
    };
  }
  const fixture = { proxy: recording.name, version: await versionOf(program), cases };
  await mkdir(FIXTURES, { recursive: true });
  await writeFile(
    path.join(FIXTURES, `${recording.name}.json`),
    `${JSON.stringify(fixture, undefined, 2)}\n`,
  );
  await gateway.stop("SIGTERM");
  await Promise.all([recorder.close(), application.close()]);
  await rm(folder, { recursive: true, force: true });
}

/** Bytes of gRPC stay as they are, with this run's port. */
const sentOf = ({ method, target, host }: Case, port: number) => ({
  method,
  target,
  host: host ?? `127.0.0.1:${port}`,
});

const wanted = process.argv.slice(2);
for (const recording of RECORDINGS) {
  if (wanted.length > 0 && !wanted.includes(recording.name)) continue;
  const proxy = PROXIES.find(({ example }) => example === recording.example);
  const peer = await proxy?.find();
  if (proxy === undefined || peer === undefined || "missing" in peer) {
    console.error(
      `${recording.name}: ${peer !== undefined && "missing" in peer ? peer.missing : "no example"}`,
    );
    process.exitCode = 1;
    continue;
  }
  await record(recording, proxy, peer.program);
  console.log(recording.name);
}
