/** Logs of the program as a process: a reader that stalls, a file, templates that are none. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { afterAll, afterEach, expect, test } from "vitest";
import { COMPAT } from "../testing/compat.ts";
import { openSocket } from "../testing/open-socket.ts";
import { ask } from "../testing/question.ts";

const COMMAND = join(import.meta.dirname, "..", "bin", "oauth2-proxy");
const folder = mkdtempSync(join(tmpdir(), "logs-"));
afterAll(() => rmSync(folder, { recursive: true }));

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

const environment = (more: Readonly<Record<string, string>>) => ({
  PATH: `${dirname(process.execPath)}:${process.env["PATH"]}`,
  ...COMPAT,
  OAUTH2_PROXY_COOKIE_SECRET: "0123456789abcdef0123456789abcdef",
  ...more,
});

/** Starts the program; its standard output is read only when the caller does. */
async function start(
  more: Readonly<Record<string, string>>,
): Promise<{ child: ChildProcess; port: number; output: Readable }> {
  const { port, fd, close } = await openSocket();
  const child = spawn(COMMAND, [], {
    env: environment({ OAUTH2_PROXY_HTTP_ADDRESS: "fd:3", ...more }),
    stdio: ["ignore", "pipe", "inherit", fd],
  });
  close();
  children.push(child);
  expect((await ask(port, "/ping")).status).toBe(200);
  return { child, port, output: child.stdout as Readable };
}

test("a reader that stalls stops no request; it gets what was kept, and is told what was lost", async () => {
  const { child, port, output } = await start({
    OAUTH2_PROXY_REQUEST_LOGGING_FORMAT: '{{.RequestURI}} {{range 1000}}{{printf "%200s" "x"}}{{end}}',
  });
  let text = "";
  output.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
  });
  const timeOf = async (query: string) => {
    const from = performance.now();
    expect((await ask(port, `/oauth2/auth?${query}`)).status).toBe(401);
    return performance.now() - from;
  };
  let [calm, stalled] = [0, 0];
  for (let index = 0; index < 20; index++) {
    calm += await timeOf(`calm=${index}`);
    await expect.poll(() => text.includes(`calm=${index}"`), { interval: 5 }).toBe(true);
  }
  // Nobody reads: the pipe takes 64 KiB, the program keeps 4 MiB.
  output.pause();
  for (let index = 0; index < 60; index++) stalled += await timeOf(`n=${index}`);
  expect(stalled).toBeLessThan(1000 + 5 * 3 * calm);
  output.resume();
  await expect.poll(() => /log lines were lost: nobody took them dropped=\d+/.test(text)).toBe(true);
  expect(text).toContain('/oauth2/auth?n=0"');
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
});

test("a file takes the lines, and standard output says so", async () => {
  const file = join(folder, "deep", "proxy.log");
  const { child, port, output } = await start({ OAUTH2_PROXY_LOGGING_FILENAME: file });
  let text = "";
  output.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
  });
  await ask(port, "/oauth2/auth");
  child.kill("SIGTERM");
  await once(child, "exit");
  expect(readFileSync(file, "utf8")).toMatch(
    /OAuthProxy configured for OpenID Connect.*"\/oauth2\/auth" HTTP\/1\.1 "" 401 13/s,
  );
  expect(text).toMatch(/^\[[\d/ :]+\] \[logging\.go:\d+\] Redirecting logging to file: .*proxy\.log\n$/);
});

test.each([
  ["{{.Nope", 2, "unclosed action"],
  ["{{.Nope}}", 1, 'there is no field "Nope"'],
])("the template %s ends the program with %i", (format, code, words) => {
  const ended = spawnSync(COMMAND, [], {
    env: environment({ OAUTH2_PROXY_REQUEST_LOGGING_FORMAT: format }),
    encoding: "utf8",
  });
  expect(ended.status).toBe(code);
  expect(ended.stderr).toContain("request_logging_format");
  expect(ended.stderr).toContain(words);
});
