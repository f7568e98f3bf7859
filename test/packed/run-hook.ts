/**
 * Stands in the place of `lib/charm/runtime/run-hook.ts` under the test kit: runs the hook of a charm of this project as a
 * unit agent would, from `dispatch` on, with what is packed. Charms that exist in a test only run in this process.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { CharmProgram } from "charmed-iap/charm";
import { serveAgentSocket } from "charmed-iap/hook";
import { inject } from "vitest";
import type { Host } from "../../lib/charm/runtime/host.ts";
import { type HookOutcome, runHook as runInProcess } from "../../lib/charm/runtime/run-hook.ts";
import { type ServedCluster, serveCluster } from "./cluster-server.ts";
import { clusterOf } from "./clusters.ts";
import { servePebble } from "./pebble-socket.ts";

const packed = inject("packed");
const PRELOAD = path.join(import.meta.dirname, "preload.cjs");

/** @see lib/charm/runtime/run-hook.ts */
export async function runHook(program: CharmProgram, host: Host): Promise<Pick<HookOutcome, "exitCode">> {
  const { name } = program.contract;
  const charm = path.join(packed, name);
  const isPacked = existsSync(charm);
  appendFileSync(path.join(packed, "hooks.log"), isPacked ? `${name}\n` : `in-process:${name}\n`);
  return isPacked ? await runPacked(program, charm, host) : await runInProcess(program, host);
}

async function runPacked(
  program: CharmProgram,
  charm: string,
  host: Host,
): Promise<Pick<HookOutcome, "exitCode">> {
  const folder = mkdtempSync(path.join(packed, "pod-"));
  const ended = new AbortController();
  const socket = path.join(folder, "agent.socket");
  const agent = await serveAgentSocket({
    path: socket,
    contextId: "packed",
    handle: ({ command, args, stdin }) => host.hooks.run({ command, args, ...(stdin ? { stdin } : {}) }),
    onError: () => ended.abort(), // The test kills the hook here.
  });
  const containers = Object.keys(program.contract.containers ?? {});
  const pebbles = await Promise.all(containers.map((container) => serve(folder, container, host)));
  const cluster = await clusterFor(program, folder);
  try {
    const { exitCode, stderr } = await dispatch(charm, ended.signal, {
      ...present(host.env),
      ...cluster?.env,
      PATH: "/usr/bin:/bin",
      JUJU_CHARM_DIR: charm,
      JUJU_CONTEXT_ID: "packed",
      JUJU_AGENT_SOCKET_NETWORK: "unix",
      JUJU_AGENT_SOCKET_ADDRESS: socket,
      NODE_OPTIONS: `--require=${PRELOAD}`,
      IAP_PACKED: JSON.stringify({ folder, now: host.clock.now() }),
    });
    if (stderr !== "") host.stderr?.(stderr);
    return { exitCode: exitCode === 0 ? 0 : 1 };
  } finally {
    for (const server of [...pebbles, ...(cluster ? [cluster.server] : [])]) {
      server.close();
      server.closeAllConnections();
    }
    await agent.close({ limitMs: 1000 });
    rmSync(folder, { recursive: true });
  }
}

function serve(folder: string, container: string, host: Host) {
  const place = path.join(folder, "c", container);
  mkdirSync(place, { recursive: true });
  return servePebble(host.pebble(container), path.join(place, "pebble.socket"));
}

async function clusterFor(program: CharmProgram, folder: string): Promise<ServedCluster | undefined> {
  const open = clusterOf(program);
  if (open === undefined) return undefined;
  const served = await serveCluster(await open());
  mkdirSync(path.join(folder, "account"));
  for (const [name, text] of Object.entries(served.account))
    writeFileSync(path.join(folder, "account", name), text);
  return served;
}

const present = (env: Host["env"]): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );

function dispatch(
  charm: string,
  signal: AbortSignal,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly exitCode: number; readonly stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(path.join(charm, "dispatch"), [], {
      cwd: charm,
      env: { ...env },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let stderr = "";
    child.stderr.on("data", (chunk) => {
      stderr += String(chunk);
    });
    signal.addEventListener("abort", () => child.kill("SIGKILL"));
    child.on("error", reject);
    child.on("close", (code) => resolve({ exitCode: code ?? -1, stderr }));
  });
}
