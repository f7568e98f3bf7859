/**
 * The subjects, each pinned to one core, its log read by a consumer on the other: ours, the real oauth2-proxy, and a server
 * that decides nothing.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { buildOauth2Proxy, freePort } from "../../../test/peers/oauth2-proxy.ts";
import { buildProgram } from "../build.ts";
import { folderForRun, GENERATOR_CORE, SUBJECT_CORE } from "./machine.ts";

/** What is compared. */
export type SubjectName = "ours" | "oauth2-proxy" | "bare";

/** A running subject. */
export interface Subject {
  readonly name: SubjectName;
  readonly port: number;
  readonly pid: number;
  /** Milliseconds from its start to the first 200 on `/ready`. */
  readonly startedIn: number;
  /** Requests answered so far by status, from its own metrics; undefined where it has none. */
  answers(): Promise<ReadonlyMap<string, number> | undefined>;
  /** Stops, or lets go on, whoever reads its log. */
  holdLog(held: boolean): void;
  close(): Promise<void>;
}

/** Flags that both programs understand, beside the addresses. */
export type Flags = readonly string[];

/** Node.js as the project runs it. */
export const NODE: readonly string[] = [
  process.execPath,
  "--conditions=charmed-iap:source",
  "--disable-warning=ExperimentalWarning",
];
const BARE = path.join(import.meta.dirname, "bare.ts");

/** The program as an image holds it, built once a run. */
let built: Promise<string> | undefined;

/** The command of a subject. */
export async function commandOf(name: SubjectName): Promise<readonly string[]> {
  if (name === "bare") return [...NODE, BARE];
  if (name === "ours") {
    built ??= buildProgram(folderForRun("program"));
    return [await built];
  }
  const peer = await buildOauth2Proxy();
  if ("missing" in peer) throw new Error(`Cannot compare with oauth2-proxy: ${peer.missing}`);
  return [peer.program];
}

/** One core, as Kubernetes would tell the Go runtime. */
const ENVIRONMENT = {
  PATH: `${path.dirname(process.execPath)}:${process.env["PATH"]}`,
  HOME: process.env["HOME"] ?? "",
  GOMAXPROCS: "1",
  TZ: "UTC",
};

/** A pipe whose other end is read and thrown away by a process on the other core, without passing through this one. */
function consumedPipe(): { readonly end: number; readonly reader: ChildProcess } {
  const folder = mkdtempSync(path.join(tmpdir(), "bench-log-"));
  const fifo = path.join(folder, "log");
  execFileSync("mkfifo", [fifo]);
  const end = openSync(fifo, "r+");
  const reader = spawn("taskset", ["-c", GENERATOR_CORE, "cat"], { stdio: [end, "ignore", "ignore"] });
  rmSync(folder, { recursive: true });
  return { end, reader };
}

/**
 * Starts a subject.
 *
 * @param doors Files of control groups that it goes into.
 */
export async function startSubject(
  name: SubjectName,
  flags: Flags,
  environment: Readonly<Record<string, string>> = {},
  doors: readonly string[] = [],
): Promise<Subject> {
  const command = await commandOf(name);
  const port = await freePort();
  const metrics = await freePort();
  const addresses = [`--http-address=127.0.0.1:${port}`, `--metrics-address=127.0.0.1:${metrics}`];
  const log = consumedPipe();
  const began = performance.now();
  // The shell goes in first, and becomes the program.
  const enter = `for door in ${doors.join(" ")}; do echo $$ > $door; done; exec "$@"`;
  const through = doors.length === 0 ? [] : ["sh", "-c", enter, "sh"];
  const program = [...through, "taskset", "-c", SUBJECT_CORE, ...command, ...addresses, ...flags];
  const child = spawn(program[0] ?? "", program.slice(1), {
    env: { ...ENVIRONMENT, ...environment },
    stdio: ["ignore", log.end, "pipe"],
  });
  closeSync(log.end);
  let complaints = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    complaints = (complaints + text).slice(-4000);
  });
  const ended = once(child, "exit");
  await listening(child, `http://127.0.0.1:${port}/ready`, () => complaints);
  return {
    name,
    port,
    pid: child.pid ?? 0,
    startedIn: performance.now() - began,
    answers: () => (name === "bare" ? Promise.resolve(undefined) : statusCounts(metrics)),
    holdLog: (held) => void log.reader.kill(held ? "SIGSTOP" : "SIGCONT"),
    async close() {
      child.kill("SIGTERM");
      await ended;
      log.reader.kill();
    },
  };
}

async function listening(child: ChildProcess, url: string, complaints: () => string): Promise<void> {
  while (child.exitCode === null) {
    const status = await fetch(url).then(
      (response) => response.status,
      () => 0,
    );
    if (status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error(`Cannot start ${child.spawnargs.join(" ")}: exit code ${child.exitCode}\n${complaints()}`);
}

/** `oauth2_proxy_requests_total` by code, which both programs count. */
async function statusCounts(port: number): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const lines = text.matchAll(/^oauth2_proxy_requests_total\{code="(\d+)"\} (\S+)$/gm);
  return new Map(Array.from(lines, ([, code = "", count]) => [code, Number(count)]));
}
