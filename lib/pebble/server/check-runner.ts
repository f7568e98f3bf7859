import { formatDuration, parseDuration } from "../duration.ts";
import { splitWords } from "../plan/command.ts";
import type { Check, ExecCheck } from "../plan/types.ts";
import { startChild } from "./child.ts";
import { type PebbleClock, sleep } from "./clock.ts";
import { type Container, hostDirectory, processEnvironment } from "./environment.ts";
import { dialFault, requestFrom, unitHost } from "./unit-request.ts";

const MAX_DETAIL_BYTES = 512;
const MAX_DETAIL_LINES = 5;
const MAX_REDIRECTS = 10;
const EXEC_DRAIN_MS = 1000;

/** Milliseconds between two runs of a check. */
export function checkPeriodMs(check: Check): number {
  return parseDuration(check.period ?? "10s")!;
}

/** Milliseconds that one run may take; never more than the period. */
export function checkTimeoutMs(check: Check): number {
  return Math.min(parseDuration(check.timeout ?? "3s")!, checkPeriodMs(check));
}

/**
 * Runs a check once. `exec` checks must have their service context merged in already.
 *
 * @throws {Error} When it fails; the message is what Pebble would write.
 */
export async function runCheck(
  check: Check,
  container: Container,
  clock: PebbleClock,
  signal: AbortSignal,
): Promise<void> {
  const timeoutMs = checkTimeoutMs(check);
  const over = new AbortController();
  const done = new AbortController();
  const timer = sleep(clock, timeoutMs, AbortSignal.any([done.signal, signal]));
  void timer.then((elapsed) => elapsed && over.abort());
  const stop = AbortSignal.any([over.signal, signal]);
  try {
    await runKind(check, container, stop);
  } catch (cause) {
    if (over.signal.aborted) throw new Error(`check timed out after ${formatDuration(timeoutMs)}`, { cause });
    throw cause;
  } finally {
    done.abort();
  }
}

async function runKind(check: Check, container: Container, signal: AbortSignal): Promise<void> {
  if (check.http) await checkHttp(check.http.url!, check.http.headers ?? {}, container, signal);
  else if (check.tcp) await checkTcp(check.tcp.host || "localhost", check.tcp.port!, container, signal);
  else await checkExec(check.exec!, container, signal);
}

async function checkTcp(
  host: string,
  port: number,
  container: Container,
  signal: AbortSignal,
): Promise<void> {
  const net = process.getBuiltinModule("node:net");
  const target = unitHost(host, container);
  await new Promise<void>((resolve, reject) => {
    const socket = net.connect({ host: target, port, signal }, () => {
      socket.destroy();
      resolve();
    });
    socket.on("error", (error) => reject(dialFault(error, target, port)));
  });
}

async function checkHttp(
  url: string,
  headers: Readonly<Record<string, string>>,
  container: Container,
  signal: AbortSignal,
): Promise<void> {
  let target = parseUrl(url);
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const answer = await get(target, headers, container, signal);
    if (answer.location === undefined) {
      judge(answer);
      return;
    }
    target = new URL(answer.location, target);
  }
  throw new Error(`Get "${target}": stopped after ${MAX_REDIRECTS} redirects`);
}

function parseUrl(url: string): URL {
  const parsed = URL.parse(url);
  if (parsed && ["http:", "https:"].includes(parsed.protocol)) return parsed;
  throw new Error(`Get "${url}": unsupported protocol scheme "${parsed?.protocol.slice(0, -1) ?? ""}"`);
}

interface HttpAnswer {
  readonly status: number;
  readonly location: string | undefined;
  readonly start: string;
}

async function get(
  url: URL,
  headers: Readonly<Record<string, string>>,
  container: Container,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const answer = await requestFrom(container, url, {
    method: "GET",
    headers: { "user-agent": "Go-http-client/1.1", ...headers },
    signal,
  }).catch((cause: Error) => {
    throw new Error(`Get "${url}": ${cause.message}`, { cause });
  });
  let start = "";
  for await (const chunk of answer) start = (start + String(chunk)).slice(0, MAX_DETAIL_BYTES);
  const status = answer.statusCode ?? 0;
  const redirect = [301, 302, 303, 307, 308].includes(status);
  return { status, location: redirect ? answer.headers.location : undefined, start };
}

function judge({ status, start }: HttpAnswer): void {
  if (status >= 200 && status <= 299) return;
  throw new Error(withDetails(`non-2xx status code ${status}`, firstLines(start)));
}

function firstLines(text: string): string {
  const lines = text.trim().split("\n");
  return lines.length > MAX_DETAIL_LINES
    ? [...lines.slice(0, MAX_DETAIL_LINES), "(...)"].join("\n")
    : lines.join("\n");
}

function withDetails(message: string, details: string): string {
  return details === "" ? message : `${message}; ${details}`;
}

async function checkExec(check: ExecCheck, container: Container, signal: AbortSignal): Promise<void> {
  const argv = splitWords(check.command!);
  const environment = processEnvironment(container, check.environment);
  const child = await startChild({
    file: await container.programs.find(argv[0] ?? "", environment["PATH"]!),
    argv,
    environment,
    workingDir: await hostDirectory(container, check["working-dir"]),
    drainMs: EXEC_DRAIN_MS,
  });
  let output = "";
  const take = (chunk: Buffer) => {
    output = (output + chunk.toString("utf8")).slice(-MAX_DETAIL_BYTES);
  };
  child.stdout.on("data", take);
  child.stderr.on("data", take);
  const kill = () => child.signalGroup("SIGKILL");
  signal.addEventListener("abort", kill);
  if (signal.aborted) kill(); // its time was over before it had started
  const code = await child.exited;
  signal.removeEventListener("abort", kill);
  signal.throwIfAborted();
  if (code !== 0) throw new Error(withDetails(`exit status ${code}`, lastLines(output)));
}

function lastLines(text: string): string {
  const lines = text.trimEnd().split("\n");
  return lines.length > MAX_DETAIL_LINES
    ? ["(...)", ...lines.slice(-MAX_DETAIL_LINES)].join("\n")
    : lines.join("\n");
}
