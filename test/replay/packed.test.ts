/**
 * What is packed, in front of recordings: the bundle, started by its dispatch on the packed Node.js, over real sockets. The suites
 * of the charms run so in `test/packed`.
 */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { buildCharm } from "../../charmcraft/build.ts";
import { hostArchitecture, RUNTIME_VERSION, runtimeOf } from "../../charmcraft/runtime.ts";
import { parseRecording, type Recording } from "../../lib/charm/record/recording.ts";
import { replayHooks } from "../../lib/charm/record/replay-hooks.ts";
import { ReplayedPebbles } from "../../lib/charm/record/replay-pebble.ts";
import { Stage } from "../../lib/charm/record/stage.ts";
import { serveAgentSocket } from "../../lib/hook/index.ts";
import { servePebble } from "../packed/pebble-socket.ts";
import { charmFolder, charmOf, recordings } from "./recordings.ts";

const run = promisify(execFile);
const linux = process.platform === "linux" && hostArchitecture() !== undefined;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "iap-pk-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test.runIf(linux)("the tests run on the Node.js that is packed", async () => {
  expect(process.versions.node).toBe(RUNTIME_VERSION);
  const { stdout } = await run(await runtimeOf(hostArchitecture()!), ["--version"]);
  expect(stdout.trim()).toBe(`v${RUNTIME_VERSION}`);
});

/** Runs the packed charm over a recording, from dispatch on. */
async function runPacked(recording: Recording, containers: string): Promise<Stage> {
  const charm = path.join(folder, "charm");
  const runtime = await runtimeOf(hostArchitecture()!);
  await buildCharm(charmFolder(recording.charm), charm, { runtime });
  const { contract } = await charmOf(recording.charm);
  const stage = new Stage(recording.revealed);
  const hooks = replayHooks(
    recording.exchanges.filter((one) => one.kind === "hook"),
    contract,
    stage,
  );
  const pebbles = new ReplayedPebbles(
    recording.exchanges.filter((one) => one.kind === "pebble"),
    [],
    stage,
  );
  const socket = path.join(folder, "agent.socket");
  const agent = await serveAgentSocket({ path: socket, handle: (request) => hooks.run(request) });
  const servers = await Promise.all(
    Object.keys(contract.containers ?? {}).map(async (name) => {
      await mkdir(path.join(containers, name), { recursive: true });
      return await servePebble(pebbles.transport(name), path.join(containers, name, "pebble.socket"));
    }),
  );
  try {
    await run(path.join(charm, "dispatch"), [], {
      cwd: charm,
      env: {
        ...recording.env,
        PATH: "/usr/bin:/bin",
        JUJU_CHARM_DIR: charm,
        JUJU_CONTEXT_ID: "packed",
        JUJU_AGENT_SOCKET_NETWORK: "unix",
        JUJU_AGENT_SOCKET_ADDRESS: socket,
      },
    });
    hooks.finish();
    pebbles.finish();
    return stage;
  } finally {
    for (const server of servers) server.close();
    await agent.close({ limitMs: 1000 });
  }
}

describe.runIf(linux)("a packed charm", () => {
  // Commands in a container are in `replay.test.ts` and `test/packed`: a recording does not say when their messages came.
  const some = recordings.filter(([, text]) => !text.includes('"kind": "websocket"'));
  test.each(some)("%s: asks and writes what was recorded", async (name, text) => {
    const recorded = /"CHARMED_IAP_CONTAINERS": "([^"]+)"/.exec(text)?.[1] ?? "/charm/containers";
    const containers = path.join(folder, "c");
    const recording = parseRecording(text.replaceAll(recorded, containers), name);
    expect((await runPacked(recording, containers)).divergences).toEqual([]);
  });
});

test.skipIf(linux)("packed charms run on Linux: not here", () => undefined);
