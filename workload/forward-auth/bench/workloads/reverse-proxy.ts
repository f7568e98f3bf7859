/** W12: allowed requests that go on to an application, and its answers. */
import path from "node:path";
import { freePort } from "../../../../test/peers/oauth2-proxy.ts";
import type { Bench } from "../bench.ts";
import { compare } from "../compare.ts";
import { type Measurement, type Result, rateRow } from "../measurement.ts";
import { cookieHeader, HYDRA, sessionValue } from "../mint/cookie.ts";
import { requestText, writeRequests } from "../requests.ts";
import { NODE } from "../subjects.ts";

/** What is under way when a run ends is broken off by the client: 499 for us, 502 for oauth2-proxy. */
const EXPECTED = { 200: 0.97, 499: 0, 502: 0 };

/** Starts the application on the generator's core; settles when it answers. */
export async function startApplication(bench: Bench): Promise<number> {
  const port = await freePort();
  const [node = process.execPath, ...options] = NODE;
  bench.spawn(node, [...options, path.join(import.meta.dirname, "..", "application.ts"), String(port)]);
  for (;;) {
    const there = await fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    );
    if (there) return port;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function run(bytes: number, bench: Bench): Promise<Result> {
  const port = await startApplication(bench);
  const file = path.join(bench.folder, `W12-${bytes}.requests`);
  const cookie = `Cookie: ${cookieHeader(sessionValue(HYDRA, 1))}`;
  const request = requestText({
    target: `/app/${bytes}`,
    lines: [cookie, "Accept: */*", "Accept-Encoding: identity"],
  });
  writeRequests(file, 1, () => request);
  const flags = [`--upstream=http://127.0.0.1:${port}/app/`];
  const subjects = [await bench.start("ours", flags), await bench.start("oauth2-proxy", flags)];
  const found = await compare({ ...bench.effort, subjects, requests: file, expected: EXPECTED });
  await Promise.all(subjects.map((subject) => subject.close()));
  return {
    rows: [rateRow(`W12: answers of ${bytes} bytes from an application`, found, { ratio: 1 })],
    raw: found,
  };
}

/** The measurements. */
export const REVERSE_PROXY: readonly Measurement[] = [1024, 102_400].map((bytes) => ({
  id: `W12 ${bytes}`,
  about: `one session, handed on to an application that answers ${bytes} bytes`,
  quick: bytes === 1024,
  run: (bench) => run(bytes, bench),
}));
