/**
 * From process start to the end of a hook, for a packed charm: what one event costs. Prints medians of
 * milliseconds; asserts nothing.
 *
 * Usage: `node --conditions=charmed-iap:source lib/charm/bench/start-up.ts [--runs N]`
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs, promisify } from "node:util";
import { build } from "esbuild";
import { bundle } from "../../../charmcraft/bundle.ts";
import { serveAgentSocket } from "../../hook/index.ts";
import { HookContext } from "../../model/hook-context/index.ts";

const { values } = parseArgs({ options: { runs: { type: "string", default: "30" } } });
const runs = Number(values.runs);
const { execFile } = process.getBuiltinModule("node:child_process");
const run = promisify(execFile);
const folder = mkdtempSync(path.join(tmpdir(), "bench-"));

/** A charm as it is packed. */
async function packed(entry: string): Promise<string> {
  const outfile = path.join(folder, "main.cjs");
  await bundle(entry, outfile);
  return outfile;
}

/** The same with `import()` left in files of their own, which are read only when used. */
async function split(entry: string): Promise<string> {
  const outdir = path.join(folder, "split");
  await build({
    entryPoints: [entry],
    outdir,
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    conditions: ["charmed-iap:source"],
    outExtension: { ".js": ".mjs" },
  });
  return path.join(outdir, "main.mjs");
}

async function median(program: string, env: Readonly<Record<string, string>>): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < runs; index++) {
    const start = performance.now();
    await run(process.execPath, [program], { env });
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[Math.floor(runs / 2)] ?? 0;
}

const socket = path.join(folder, "agent.socket");
const server = await serveAgentSocket({
  path: socket,
  handle: ({ command, args, stdin }) => {
    const world = {
      model: { name: "m", uuid: "u", type: "caas" },
      unit: "web/0",
      leader: true,
      config: {},
      relations: [],
    } as const;
    const context = new HookContext({
      world,
      version: { major: 4, minor: 0 },
      newSecretId: () => "",
      now: () => new Date(),
    });
    const answer = context.run(command, args, stdin);
    return answer.needsStdin ? "needs stdin" : answer;
  },
});
const env = {
  JUJU_UNIT_NAME: "web/0",
  JUJU_DISPATCH_PATH: "hooks/update-status",
  JUJU_CONTEXT_ID: "web/0-update-status-1",
  JUJU_AGENT_SOCKET_NETWORK: "unix",
  JUJU_AGENT_SOCKET_ADDRESS: socket,
};
const empty = path.join(folder, "empty.cjs");
writeFileSync(empty, "");
try {
  console.log(`medians of ${runs} runs, ms`);
  console.log(`  empty program          ${(await median(empty, env)).toFixed(1)}`);
  const entry = path.join(import.meta.dirname, "../testdata/main.ts");
  console.log(`  trivial charm, packed  ${(await median(await packed(entry), env)).toFixed(1)}`);
  console.log(`  trivial charm, split   ${(await median(await split(entry), env)).toFixed(1)}`);
} finally {
  await server.close({ limitMs: 1000 });
  rmSync(folder, { recursive: true, force: true });
}
