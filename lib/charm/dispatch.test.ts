import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { active, blocked, defineCharm, dispatch, type Status } from "charmed-iap/charm";
import { serveAgentSocket } from "charmed-iap/hook";
import { parseRecording, replay } from "charmed-iap/testing";
import { build } from "esbuild";
import { execa } from "execa";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { HookContext, type ImmediateCall } from "../model/hook-context/index.ts";

const contract = defineCharm({ name: "web", summary: "x", containers: { web: { image: "web-image" } } });
let folder: string;
let immediate: ImmediateCall[];
let server: Awaited<ReturnType<typeof serve>>;

/** A unit agent's socket with one hook behind it. */
async function serve() {
  const context = new HookContext({
    world: {
      model: { name: "m", uuid: "u", type: "caas" },
      unit: "web/0",
      leader: true,
      config: {},
      relations: [],
    },
    version: { major: 4, minor: 0 },
    newSecretId: () => "00000000000000000001",
    now: () => new Date(0),
    onImmediate: (call) => immediate.push(call),
  });
  return await serveAgentSocket({
    path: path.join(folder, "agent.socket"),
    handle: ({ command, args, stdin }) => {
      const answer = context.run(command, args, stdin);
      return answer.needsStdin ? "needs stdin" : answer;
    },
  });
}

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "dispatch-"));
  immediate = [];
  server = await serve();
  vi.stubEnv("JUJU_UNIT_NAME", "web/0");
  vi.stubEnv("JUJU_DISPATCH_PATH", "hooks/start");
  vi.stubEnv("JUJU_CONTEXT_ID", "web/0-start-1");
  vi.stubEnv("JUJU_AGENT_SOCKET_NETWORK", "unix");
  vi.stubEnv("JUJU_AGENT_SOCKET_ADDRESS", path.join(folder, "agent.socket"));
  vi.stubEnv("CHARMED_IAP_CONTAINERS", path.join(folder, "containers"));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  process.exitCode = 0;
  for (const event of ["SIGTERM", "beforeExit"]) process.removeAllListeners(event); // Those of `dispatch()`.
  expect(await server.close({ limitMs: 1000 })).toBe(0); // No connection had to be ended.
  await rm(folder, { recursive: true, force: true });
});

const program = (reconcile: () => Status | Promise<Status>) => contract.implement({ reconcile });

test("speaks the agent's socket, reports, and closes what it opened", async () => {
  await dispatch(program(() => blocked("read me")));
  expect(immediate).toContainEqual({ kind: "unit-status", status: "blocked", message: "read me" });
  expect(process.exitCode).toBe(0);
});

test("a container whose socket is missing is waiting", async () => {
  const charm = contract.implement({
    async reconcile({ containers }) {
      await containers.web.apply({ services: {} });
      return active();
    },
  });
  await dispatch(charm);
  expect(immediate).toContainEqual({
    kind: "unit-status",
    status: "waiting",
    message: "web: waiting for Pebble",
  });
});

test("a bug ends with exit code 1 and its stack in Juju's log", async () => {
  await dispatch(
    program(() => {
      throw new Error("a bug");
    }),
  );
  expect(process.exitCode).toBe(1);
  const [line] = immediate.filter((call) => call.kind === "log");
  expect(line).toMatchObject({ level: "ERROR", message: expect.stringMatching(/^Error: a bug\n +at /) });
});

test("paths of plans are the container's own, where the local model keeps it", async () => {
  let mapped = "";
  const charm = contract.implement({
    reconcile({ containers }) {
      mapped = containers.web.path("/etc/web");
      return active();
    },
  });
  await dispatch(charm);
  expect(mapped).toBe(path.join(folder, "containers/web/root/etc/web"));
});

test("leaves a recording where one is wanted, which replays", async () => {
  const charm = program(() => blocked("read me"));
  vi.stubEnv("CHARMED_IAP_RECORD", path.join(folder, "recordings"));
  await dispatch(charm);
  vi.unstubAllEnvs();
  const [name = ""] = await readdir(path.join(folder, "recordings"));
  expect(name).toMatch(/^\d{8}T\d{9}Z-start-[0-9a-f]{6}\.json$/);
  const recording = parseRecording(await readFile(path.join(folder, "recordings", name), "utf8"));
  expect((await replay(charm, recording)).divergences).toEqual([]);
  expect(
    (
      await replay(
        program(() => active()),
        recording,
      )
    ).divergences,
  ).toHaveLength(2);
});

test("what the charm leaves running comes to its end, and its exit code counts", async () => {
  const source = `import { active, defineCharm, dispatch } from "charmed-iap/charm";
    const contract = defineCharm({ name: "web", summary: "x" });
    const reconcile = () => {
      setTimeout(() => { console.log("later"); process.exitCode = 3; }, 50);
      return active();
    };
    void dispatch(contract.implement({ reconcile }));`;
  await build({
    stdin: { contents: source, resolveDir: import.meta.dirname },
    outfile: path.join(folder, "main.cjs"),
    bundle: true,
    platform: "node",
    conditions: ["charmed-iap:source"],
    logLevel: "silent",
  });
  const { stdout, exitCode } = await execa(process.execPath, [path.join(folder, "main.cjs")], {
    reject: false,
  });
  expect({ stdout, exitCode }).toEqual({ stdout: "later", exitCode: 3 });
  expect(immediate).toContainEqual({ kind: "unit-status", status: "active", message: "" });
});

test("a recording that cannot be written fails no hook", async () => {
  await writeFile(path.join(folder, "file"), "");
  vi.stubEnv("CHARMED_IAP_RECORD", path.join(folder, "file", "recordings"));
  const written = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  await dispatch(program(() => active()));
  expect(process.exitCode).toBe(0);
  expect(written.mock.calls.join()).toMatch(/no recording of this hook: ENOTDIR/);
  written.mockRestore();
});
