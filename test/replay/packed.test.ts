/**
 * What is packed, in front of recordings: the bundle, started by its dispatch on the packed Node.js, over real sockets. The same
 * recordings hold for the sources in `replay.test.ts`, so what all other tests say of the sources holds for what is packed.
 */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
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
import type { PebbleTransport } from "../../lib/pebble/transport.ts";
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

/** Answers a container's socket from a recording. */
function servePebble(pebble: PebbleTransport): Server {
  return createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const type = request.headers["content-type"];
    const answer = await pebble.request({
      method: request.method as "GET",
      path: request.url ?? "",
      headers: type === undefined ? {} : { "content-type": type },
      ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
    });
    const { "transfer-encoding": _chunked, ...headers } = answer.headers;
    response.writeHead(answer.status, { ...headers, "content-length": answer.body.byteLength });
    response.end(answer.body);
  });
}

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
      const server = servePebble(pebbles.transport(name));
      await new Promise<void>((resolve) =>
        server.listen(path.join(containers, name, "pebble.socket"), resolve),
      );
      return server;
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
  // Commands in a container need its websockets, which `replay.test.ts` has.
  const some = recordings.filter(([, text]) => !text.includes('"kind": "websocket"'));
  test.each(some)("%s: asks and writes what was recorded", async (name, text) => {
    const recorded = /"CHARMED_IAP_CONTAINERS": "([^"]+)"/.exec(text)?.[1] ?? "/charm/containers";
    const containers = path.join(folder, "c");
    const recording = parseRecording(text.replaceAll(recorded, containers), name);
    expect((await runPacked(recording, containers)).divergences).toEqual([]);
  });
});

test.skipIf(linux)("packed charms run on Linux: not here", () => undefined);
