import { chmod, copyFile, cp, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { buildCharm } from "../../../charmcraft/build.ts";
import { loadContract } from "../../../charmcraft/load.ts";
import { containerSocket } from "../../pebble/paths.ts";
import { createPebble } from "../../pebble/server/index.ts";
import { type Agent, askingCommands, linkCommands, type Scene, startAgent } from "./agent.ts";
import { type Subject, sample } from "./measure.ts";
import { compile, installOps, type OpsPeer } from "./peers.ts";
import { OAUTH2_PROXY, SMALL } from "./scenes.ts";

/** The rows. */
export const NAMES = {
  ops2: "small charm, ops, 2 ms a command",
  executables2: "small charm, ours, executables, 2 ms a command",
  socket: "small charm, ours, agent's socket",
  ops20: "small charm, ops, 20 ms a command",
  executables20: "small charm, ours, executables, 20 ms a command",
  proxySocket: "oauth2-proxy-k8s, five relations, agent's socket",
  proxyExecutables: "oauth2-proxy-k8s, five relations, executables, 2 ms a command",
  importOps: "`import ops`",
  python: "empty Python",
  node: "empty Node.js",
} as const;

/** Everything that a run needs, started. */
export interface Stage {
  readonly subjects: readonly Subject[];
  /** Subject → hook commands of one hook. */
  readonly commands: ReadonlyMap<string, number>;
  /** The compiled `native/measure.c`. */
  readonly measurer: string;
  close(): Promise<void>;
}

/** What to start. */
export interface StageOptions {
  /** Only our charms on the agent's socket. */
  readonly ours?: boolean;
}

/** A charm on disk, with its agent and its container. */
interface Placed {
  readonly charm: string;
  readonly agent: Agent;
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * Packs the charms, serves their agents and containers, and runs each charm once with commands that ask the agent, so that
 * its answers are known and its plan is in place.
 *
 * @param folder Absolute path of an empty folder, short: sockets are made in it.
 */
export async function openStage(folder: string, options: StageOptions = {}): Promise<Stage> {
  const ops = options.ours ? undefined : await installOps();
  const [measurer, program] = [path.join(folder, "measure"), path.join(folder, "hook-command")];
  await Promise.all([compile("measure", measurer), compile("hook-command", program)]);
  const tools = path.join(folder, "tools");
  await linkCommands(tools, program);
  const small = path.join(import.meta.dirname, "small");
  const proxy = path.resolve(import.meta.dirname, "../../../charms/oauth2-proxy-k8s");
  const ours = await place(small, SMALL, path.join(folder, "a"), "web");
  const whole = await place(proxy, OAUTH2_PROXY, path.join(folder, "c"), "oauth2-proxy");
  const off = { CHARMED_IAP_AGENT_SOCKET: "off" };
  const commands = new Map<string, number>();
  const measured = async (name: string, at: Placed, extra: Subject["env"] = {}, costMs = 2) => {
    const answers = path.join(at.charm, "..", "answers");
    const subject = {
      name,
      folder: at.charm,
      command: [path.join(at.charm, "dispatch")],
      env: {
        ...at.env,
        ...extra,
        PATH: `${tools}:${SYSTEM_PATH}`,
        BENCH_ANSWERS: answers,
        BENCH_COST_MS: `${costMs}`,
      },
    };
    commands.set(name, await learn(measurer, subject, at.agent, answers));
    return subject;
  };
  if (ops === undefined) {
    const subjects = [await measured(NAMES.socket, ours), await measured(NAMES.proxySocket, whole)];
    const close = async () => void (await Promise.all([ours, whole].map((one) => one.close())));
    return { subjects, commands, measurer, close };
  }
  const theirs = await place(small, SMALL, path.join(folder, "b"), "web");
  await makeOpsCharm(theirs.charm, ops);
  const python = { PYTHONPATH: ops.packages };
  const subjects = [
    await measured(NAMES.ops2, theirs, python),
    await measured(NAMES.executables2, ours, off),
    await measured(NAMES.socket, ours),
    await measured(NAMES.ops20, theirs, python, 20),
    await measured(NAMES.executables20, ours, off, 20),
    await measured(NAMES.proxySocket, whole),
    await measured(NAMES.proxyExecutables, whole, off),
    plain(NAMES.importOps, folder, [ops.python, "-c", "import ops"], python),
    plain(NAMES.python, folder, [ops.python, "-c", "pass"]),
    plain(NAMES.node, folder, [process.execPath, await emptyProgram(folder)]),
  ];
  const close = async () => void (await Promise.all([ours, theirs, whole].map((one) => one.close())));
  return { subjects, commands, measurer, close };
}

function plain(name: string, folder: string, command: readonly string[], env: Subject["env"] = {}): Subject {
  return { name, folder, command, env: { PATH: SYSTEM_PATH, HOME: folder, ...env } };
}

async function emptyProgram(folder: string): Promise<string> {
  const file = path.join(folder, "empty.cjs");
  await writeFile(file, "");
  return file;
}

/** Runs a hook with commands that ask the agent, twice: the first makes the plan, the second is what is measured. */
async function learn(measurer: string, subject: Subject, agent: Agent, answers: string): Promise<number> {
  const asking = await askingCommands();
  try {
    const env = { ...subject.env, PATH: `${asking.folder}:${path.dirname(process.execPath)}:${SYSTEM_PATH}` };
    await sample(measurer, { ...subject, env });
    agent.taken();
    await sample(measurer, { ...subject, env });
    await agent.writeAnswers(answers);
    return agent.taken();
  } finally {
    await asking.remove();
  }
}

async function place(
  source: string,
  scene: Omit<Scene, "contract">,
  folder: string,
  container: string,
): Promise<Placed> {
  const charm = path.join(folder, "charm");
  await mkdir(folder);
  await buildCharm(source, charm);
  const agent = await startAgent({ ...scene, contract: await loadContract(source) }, folder);
  const containers = path.join(folder, "containers");
  const image = path.join(folder, "image");
  await mkdir(path.join(image, "bin"), { recursive: true });
  for (const name of ["web", "oauth2-proxy"]) await service(path.join(image, "bin", name));
  const pebble = await createPebble({ root: path.join(containers, container, "root"), image });
  await pebble.listen(containerSocket(containers, container));
  const env = {
    ...agent.env,
    JUJU_CHARM_DIR: charm,
    CHARM_DIR: charm,
    HOME: folder,
    LANG: "C.UTF-8",
    CHARMED_IAP_CONTAINERS: containers,
  };
  return {
    charm,
    agent,
    env,
    async close() {
      await agent.close();
      await pebble.close();
    },
  };
}

/** A service that does nothing for as long as it is let. */
async function service(file: string): Promise<void> {
  await writeFile(file, "#!/bin/sh\nexec sleep 100000\n");
  await chmod(file, 0o755);
}

/** The charm for ops beside the metadata of ours, as charmcraft lays it out, with a dispatch that says which Python. */
async function makeOpsCharm(charm: string, { python, packages }: OpsPeer): Promise<void> {
  await mkdir(path.join(charm, "src"));
  await copyFile(
    path.join(import.meta.dirname, "small-ops", "charm.py"),
    path.join(charm, "src", "charm.py"),
  );
  await cp(packages, path.join(charm, "venv"), { recursive: true, preserveTimestamps: true });
  const line = `PYTHONPATH=lib:venv exec ${python} ./src/charm.py`;
  await writeFile(path.join(charm, "dispatch"), `#!/bin/sh\n${line}\n`);
}
