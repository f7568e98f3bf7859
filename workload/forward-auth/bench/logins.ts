/**
 * Whole sign-ins at a constant rate: start, the provider's answer, callback, and a decision with the new session. A program of its
 * own, which prints what became of them as JSON: `node logins.ts PORT RATE SECONDS`.
 */
import { execFile } from "node:child_process";
import { Agent, get, type IncomingMessage } from "node:http";
import path from "node:path";
import { promisify } from "node:util";
import { GENERATOR_CORE } from "./machine.ts";
import { NODE } from "./subjects.ts";

/** What became of sign-ins. */
export interface LoginsReport {
  readonly begun: number;
  /** Those whose session was allowed. */
  readonly done: number;
  /** What went wrong, and how often. */
  readonly failures: Readonly<Record<string, number>>;
}

const agent = new Agent({ keepAlive: true, maxSockets: 16 });

function ask(port: number, target: string, cookie = ""): Promise<IncomingMessage> {
  const headers = { host: "app.example.com", accept: "text/html", ...(cookie === "" ? {} : { cookie }) };
  return new Promise((resolve, reject) => {
    get({ port, host: "127.0.0.1", path: target, headers, agent, timeout: 10_000 }, (response) => {
      response.resume().on("end", () => resolve(response));
    }).on("error", reject);
  });
}

const cookieOf = ({ headers }: IncomingMessage): string =>
  (headers["set-cookie"] ?? [])
    .filter((text) => !/Max-Age=0\b/.test(text))
    .map((text) => text.split(";", 1)[0])
    .join("; ");

/** One sign-in; the step that failed, undefined when none did. */
async function signIn(port: number, user: number): Promise<string | undefined> {
  const start = await ask(port, "/oauth2/start?rd=%2F");
  if (start.statusCode !== 302) return `start ${start.statusCode}`;
  const asked = new URL(start.headers.location ?? "").searchParams;
  const code = `${user}.${asked.get("nonce") ?? ""}`;
  const query = new URLSearchParams({ code, state: asked.get("state") ?? "" });
  const back = await ask(port, `/oauth2/callback?${query}`, cookieOf(start));
  if (back.statusCode !== 302) return `callback ${back.statusCode}`;
  const { statusCode } = await ask(port, "/oauth2/auth", cookieOf(back));
  return statusCode === 202 ? undefined : `auth ${statusCode}`;
}

async function run(port: number, rate: number, seconds: number): Promise<LoginsReport> {
  const failures: Record<string, number> = {};
  let done = 0;
  const total = Math.floor(rate * seconds);
  const running: Promise<void>[] = [];
  const began = performance.now();
  for (let index = 0; index < total; index++) {
    const wait = began + (index * 1000) / rate - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const ended = (fault: string | undefined) => {
      if (fault === undefined) done++;
      else failures[fault] = (failures[fault] ?? 0) + 1;
    };
    running.push(
      signIn(port, 1_000_000 + index).then(ended, (error: NodeJS.ErrnoException) =>
        ended(error.code ?? error.name),
      ),
    );
  }
  await Promise.all(running);
  return { begun: total, done, failures };
}

const execute = promisify(execFile);

/** Signs people in, on the generator's core. */
export async function logins(port: number, rate: number, seconds: number): Promise<LoginsReport> {
  const args = [import.meta.filename, String(port), String(rate), String(seconds)];
  const { stdout } = await execute("taskset", ["-c", GENERATOR_CORE, ...NODE, ...args]);
  return JSON.parse(stdout) as LoginsReport;
}

if (process.argv[1] !== undefined && path.resolve(process.argv[1]) === import.meta.filename) {
  const [port = 0, rate = 0, seconds = 0] = process.argv.slice(2).map(Number);
  console.log(JSON.stringify(await run(port, rate, seconds)));
  process.exit(0);
}
