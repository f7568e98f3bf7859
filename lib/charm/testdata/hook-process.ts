/** A charm that reads and writes everything of Juju's (`kill-charm.ts`), run in processes as the unit agent does. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { serveAgentSocket } from "charmed-iap/hook";
import { build } from "esbuild";
import { commandFolder } from "../../hook/fixtures/agent.ts";
import { HookContext, type ImmediateCall } from "../../model/hook-context/index.ts";
import type { HookWorld } from "../../model/world.ts";

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

/** How to run one hook. */
export interface HookRequest {
  /** With the executables instead of the agent's socket. */
  readonly socketOff?: boolean;
  /** Kills it when so many commands have been carried out. */
  readonly killAfter?: number;
  /** With what; default SIGKILL. After another one the command is not answered: the hook waits for it to its end. */
  readonly signal?: "SIGKILL" | "SIGTERM";
  readonly mishap?: "warning" | "rejection";
  /** Whether it writes a recording. */
  readonly record?: boolean;
}

/** How one hook ended. */
export interface Ran {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** How many commands were answered. */
  readonly answered: number;
  readonly logs: readonly string[];
  /** What it wrote on standard error. */
  readonly stderr: string;
  /** Texts of the recordings. */
  readonly recordings: readonly string[];
  /** What the unit keeps, as far as it was committed or is immediate. */
  readonly world: unknown;
}

/** Runs hooks in processes of their own. */
export interface HookProcesses {
  hook(request?: HookRequest): Promise<Ran>;
  /** Removes what was built. */
  end(): Promise<unknown>;
}

/** Builds the charm and the executables. */
export async function hookProcesses(): Promise<HookProcesses> {
  const folder = await mkdtemp(path.join(tmpdir(), "kill-"));
  const commands = await commandFolder();
  const program = path.join(folder, "charm.cjs");
  await build({
    entryPoints: [path.join(import.meta.dirname, "kill-main.ts")],
    outfile: program,
    bundle: true,
    platform: "node",
    format: "cjs",
    conditions: ["charmed-iap:source"],
    logLevel: "silent",
  });
  let count = 0;
  return {
    hook: (request = {}) => {
      count += 1;
      return runHook({ folder, commands, program, number: count }, request);
    },
    end: () => Promise.all([folder, commands].map((one) => rm(one, { recursive: true }))),
  };
}

interface Built {
  readonly folder: string;
  readonly commands: string;
  readonly program: string;
  readonly number: number;
}

async function runHook({ folder, commands, program, number }: Built, request: HookRequest): Promise<Ran> {
  const { socketOff = false, killAfter = Number.POSITIVE_INFINITY, signal = "SIGKILL", mishap, record } = request;
  const [address, temporary] = [path.join(folder, `${number}.socket`), path.join(folder, "tmp")];
  const recordings = path.join(folder, `${number}.recordings`);
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
  const closed = Promise.withResolvers<readonly [number | null, NodeJS.Signals | null]>();
  const server = await serveAgentSocket({
    path: address,
    handle: async ({ command, args, stdin }) => {
      const answer = context.run(command, args, stdin);
      if (answer.needsStdin) return "needs stdin";
      answered += 1;
      if (answered === killAfter) {
        child?.kill(signal);
        if (signal !== "SIGKILL") await closed.promise;
      }
      return answer;
    },
  });
  child = spawn(process.execPath, [program], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
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
      ...(record ? { CHARMED_IAP_RECORD: recordings } : {}),
    },
  });
  let stderr = "";
  child.stderr?.on("data", (chunk) => {
    stderr += String(chunk);
  });
  child.once("exit", (...how) => closed.resolve(how));
  const [exitCode, by] = await closed.promise;
  await server.close({ limitMs: 2000 });
  // As Juju does: what is buffered counts only when the hook ends well.
  const commit = exitCode === 0 ? context.commit() : undefined;
  return {
    exitCode,
    signal: by,
    answered,
    logs,
    stderr,
    recordings: record ? await textsIn(recordings) : [],
    world: { commit, last: statuses.at(-1), left: await readdir(temporary) },
  };
}

async function textsIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return Promise.all(names.map((name) => readFile(path.join(folder, name), "utf8")));
}
