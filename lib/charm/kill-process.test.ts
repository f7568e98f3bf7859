import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { serveAgentSocket } from "charmed-iap/hook";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commandFolder } from "../hook/fixtures/agent.ts";
import { HookContext, type ImmediateCall } from "../model/hook-context/index.ts";
import type { HookWorld } from "../model/world.ts";

const world: HookWorld = {
  model: { name: "iam", uuid: "4e5b6a0e-5d77-4b1a-8d4b-5f9f9f9f9f9f", type: "caas" },
  unit: "web/0",
  leader: true,
  config: { port: 8080 },
  relations: [
    {
      id: 1,
      key: "web:oauth hydra:oauth",
      endpoint: "oauth",
      role: "requirer",
      interface: "oauth",
      "remote-app": "hydra",
      members: ["hydra/0"],
      data: { hydra: {}, "hydra/0": {}, web: {}, "web/0": {} },
    },
    {
      id: 2,
      key: "web:peers",
      endpoint: "peers",
      role: "peer",
      interface: "proxy_peers",
      "remote-app": "web",
      members: [],
      data: { web: {}, "web/0": {} },
    },
  ],
};

let folder: string;
let commands: string;
let program: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "kill-"));
  commands = await commandFolder();
  program = path.join(folder, "charm.cjs");
  await build({
    entryPoints: [path.join(import.meta.dirname, "testdata/kill-main.ts")],
    outfile: program,
    bundle: true,
    platform: "node",
    format: "cjs",
    conditions: ["charmed-iap:source"],
    logLevel: "silent",
  });
});
afterAll(() => Promise.all([folder, commands].map((one) => rm(one, { recursive: true }))));

/** How one hook ended. */
interface Ran {
  readonly exitCode: number | null;
  /** How many commands were answered. */
  readonly answered: number;
  readonly logs: readonly string[];
  /** What the unit keeps, as far as it was committed or is immediate. */
  readonly world: unknown;
}

let count = 0;

/** Runs the hook in a process of its own, as the agent does, and kills it when `killAfter` commands have been carried out. */
async function hook(
  socketOff: boolean,
  killAfter = Number.POSITIVE_INFINITY,
  mishap?: "warning" | "rejection",
): Promise<Ran> {
  count += 1;
  const [address, temporary] = [path.join(folder, `${count}.socket`), path.join(folder, "tmp")];
  await mkdir(temporary, { recursive: true });
  const statuses: ImmediateCall[] = [];
  const logs: string[] = [];
  const context = new HookContext({
    world,
    version: { major: 4, minor: 0 },
    newSecretId: () => "00000000000000000001",
    now: () => new Date(0),
    onImmediate: (call) => {
      if (call.kind === "log") logs.push(`${call.level} ${call.message}`);
      else statuses.push(call);
    },
    files: { read: (file) => process.getBuiltinModule("node:fs").readFileSync(file) },
  });
  let answered = 0;
  let child: ChildProcess | undefined;
  const server = await serveAgentSocket({
    path: address,
    handle: ({ command, args, stdin }) => {
      const answer = context.run(command, args, stdin);
      if (answer.needsStdin) return "needs stdin";
      answered += 1;
      if (answered === killAfter) child?.kill("SIGKILL");
      return answer;
    },
  });
  child = spawn(process.execPath, [program], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      PATH: commands,
      TMPDIR: temporary,
      JUJU_UNIT_NAME: "web/0",
      JUJU_MODEL_NAME: "iam",
      JUJU_MODEL_UUID: world.model.uuid,
      JUJU_VERSION: "4.0.1",
      JUJU_DISPATCH_PATH: "hooks/config-changed",
      JUJU_CONTEXT_ID: "web/0-config-changed-1",
      JUJU_AGENT_SOCKET_NETWORK: "unix",
      JUJU_AGENT_SOCKET_ADDRESS: address,
      ...(mishap === undefined ? {} : { MISHAP: mishap }),
      ...(socketOff ? { CHARMED_IAP_AGENT_SOCKET: "off" } : {}),
    },
  });
  const exitCode = await new Promise<number | null>((resolve) => child?.once("close", resolve));
  await server.close({ limitMs: 2000 });
  // As Juju does: what is buffered counts only when the hook ends well.
  const commit = exitCode === 0 ? context.commit() : undefined;
  return {
    exitCode,
    answered,
    logs,
    world: { commit, last: statuses.at(-1), left: await readdir(temporary) },
  };
}

const ended = {
  last: { kind: "unit-status", status: "active", message: "pending" },
  left: [],
};

test("killed after any command over the agent's socket, the next run repairs everything", async () => {
  const undisturbed = await hook(false);
  expect(undisturbed).toMatchObject({ exitCode: 0, world: ended });
  expect(undisturbed.answered).toBeGreaterThan(15);
  for (let after = 1; after < undisturbed.answered; after += 1) {
    expect((await hook(false, after)).exitCode).toBe(null);
    expect((await hook(false)).world).toEqual(undisturbed.world);
  }
}, 60_000);

// In one row, for processes take their time: each killed run finds what those before it have left.
test("killed after each command in turn with executables, the last run repairs everything", async () => {
  const undisturbed = await hook(true);
  expect(undisturbed).toMatchObject({ exitCode: 0, world: ended });
  for (let after = 1; after < undisturbed.answered; after += 1)
    expect((await hook(true, after)).exitCode).toBe(null);
  expect((await hook(true)).world).toEqual(undisturbed.world);
}, 120_000);

test("a rejection that nobody handles fails the hook at once, with its stack in the log", async () => {
  const { exitCode, logs } = await hook(false, undefined, "rejection");
  expect(exitCode).toBe(1);
  expect(logs).toEqual([expect.stringMatching(/^ERROR Error: nobody waits for this\n +at /)]);
});

test("a warning of the process is a WARNING in the log", async () => {
  const { exitCode, logs } = await hook(false, undefined, "warning");
  expect(exitCode).toBe(0);
  expect(logs).toContain("WARNING DeprecationWarning: an old way");
});
