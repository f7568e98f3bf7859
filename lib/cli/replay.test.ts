import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { execa } from "execa";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");
const IAP = [
  "--conditions=charmed-iap:source",
  "--disable-warning=ExperimentalWarning",
  path.join(root, "lib/cli/main.ts"),
];

/** `setPorts` is called on the tenth line, below a type that is taken out. */
const CHARM = `import { active, defineCharm, option } from "charmed-iap/charm";

export default defineCharm({
  name: "web",
  summary: "Serves.",
  config: { port: option.int({ default: 8080, description: "Where it listens." }) },
}).implement({
  reconcile({ config, setPorts }) {
    const port: number = config.port;
    setPorts(port);
    return active(\`listens on \${port}\`);
  },
});
`;

const hook = (command: string, args: readonly string[], stdout = "") => {
  return { kind: "hook", at: 1, command, args, exitCode: 0, stdout, stderr: "" };
};
const recording = (opened: number) => ({
  format: "charmed-iap-recording/1",
  charm: "web",
  started: 1795726955161,
  took: 60,
  revealed: [],
  env: { JUJU_UNIT_NAME: "web/0", JUJU_DISPATCH_PATH: "hooks/config-changed" },
  exchanges: [
    hook("is-leader", ["--format=json"], "true"),
    hook("config-get", ["--format=json"], '{"port":9090}'),
    hook("opened-ports", ["--format=json"], "[]"),
    hook("open-port", [`${opened}/tcp`]),
    hook("status-set", ["--application=false", "active", "--", "listens on 9090"]),
  ],
  outcome: { ended: "exit", exitCode: 0, status: { name: "active", message: "listens on 9090" } },
});

let folder: string;

beforeAll(() => {
  mkdirSync(path.join(root, "dist"), { recursive: true });
  // Inside the package, so that the charm can import it by its name.
  folder = mkdtempSync(path.join(root, "dist", "replay-"));
  mkdirSync(path.join(folder, "broken"));
  writeFileSync(path.join(folder, "charm.ts"), CHARM);
  writeFileSync(path.join(folder, "broken", "charm.ts"), `${CHARM}\nconst a: = 1;\n`);
  writeFileSync(path.join(folder, "as-it-was.json"), JSON.stringify(recording(9090)));
  writeFileSync(path.join(folder, "other.json"), JSON.stringify(recording(9091)));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function replayed(...args: string[]) {
  const options = { reject: false, cwd: folder } as const;
  const { exitCode, stdout, stderr } = await execa(process.execPath, [...IAP, "replay", ...args], options);
  return { exitCode, stdout, stderr };
}

const SAID = "hooks/config-changed of web/0: exit code 0, active: listens on 9090";

test("the hook is run, and what it does otherwise is counted", async () => {
  expect(await replayed("as-it-was.json")).toEqual({
    exitCode: 0,
    stdout: `${SAID}; as recorded`,
    stderr: "",
  });
  const { exitCode, stdout } = await replayed("other.json");
  expect(exitCode).toBe(1);
  expect(stdout).toContain(`${SAID}; 1 divergence`);
});

test.each([
  [["nothing.json"], 'Cannot read "nothing.json": there is no such file'],
  [["."], 'Cannot read ".": it is a folder, should be a file'],
  [["as-it-was.json", "--charm", "elsewhere"], "--charm should be the charm's folder"],
  [["as-it-was.json", "--charm", "broken"], "broken/charm.ts:15: "],
  [["as-it-was.json", "--secret", "redacted-1=other.json"], "there is no redacted-1 in the recording"],
  [["as-it-was.json", "--inspect-brk=nobody"], 'Cannot wait for a debugger at "nobody": it should be a port'],
])("iap replay %j is refused with the reason", async (args, reason) => {
  const { exitCode, stderr } = await replayed(...args);
  expect(exitCode).toBe(1);
  expect(stderr).toContain(reason);
  expect(stderr).not.toMatch(/^ +at /m);
});

/** A debugger that knows the protocol's frames and no more. */
class Debugger {
  readonly #socket: WebSocket;
  readonly #answers = new Map<number, (result: never) => void>();
  #last = 0;
  onPause: (params: { readonly callFrames: readonly Frame[] }) => void = () => {};

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      const { id, result, method, params } = JSON.parse(String(data));
      if (method === "Debugger.paused") this.onPause(params);
      if (id !== undefined) this.#answers.get(id)?.(result as never);
    });
  }

  call<T>(method: string, params: object = {}): Promise<T> {
    const id = ++this.#last;
    this.#socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve) => this.#answers.set(id, resolve));
  }

  close(): void {
    this.#socket.close();
  }
}

interface Frame {
  readonly callFrameId: string;
  readonly functionName: string;
  readonly location: { readonly scriptId: string; readonly lineNumber: number };
}

/** Where the debugger is to connect, as Node.js says it. */
async function addressOf({ stderr }: ChildProcess): Promise<string> {
  let said = "";
  for await (const chunk of stderr ?? []) {
    said += String(chunk);
    const [address] = /ws:\/\/\S+/.exec(said) ?? [];
    if (address !== undefined) return address;
  }
  throw new Error(`no address: ${said}`);
}

test("under a debugger it stops in reconcile, in the TypeScript that the author wrote", async () => {
  const child = spawn(process.execPath, [...IAP, "replay", "as-it-was.json", "--inspect-brk=127.0.0.1:0"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill());
  const printed = child.stdout.toArray();
  const socket = new WebSocket(await addressOf(child));
  await once(socket, "open");
  const inspector = new Debugger(socket);
  const paused = new Promise<Frame>((resolve) => {
    inspector.onPause = ({ callFrames: [frame] }) => {
      if (frame?.functionName === "reconcile") resolve(frame);
      else void inspector.call("Debugger.resume");
    };
  });
  await inspector.call("Debugger.enable");
  const url = pathToFileURL(path.join(folder, "charm.ts")).href;
  await inspector.call("Debugger.setBreakpointByUrl", { url, lineNumber: 9 });
  await inspector.call("Runtime.runIfWaitingForDebugger");

  const { callFrameId, location } = await paused;
  const { scriptSource } = await inspector.call<{ scriptSource: string }>("Debugger.getScriptSource", {
    scriptId: location.scriptId,
  });
  expect(scriptSource.split("\n")[location.lineNumber]).toBe("    setPorts(port);");
  expect(location.lineNumber).toBe(9);
  const { result } = await inspector.call<{ result: { value: unknown } }>("Debugger.evaluateOnCallFrame", {
    callFrameId,
    expression: "port",
  });
  expect(result.value).toBe(9090);
  const ended = once(child, "exit");
  await inspector.call("Debugger.resume");
  inspector.close();
  expect(await ended).toEqual([0, null]);
  expect(Buffer.concat(await printed).toString()).toContain(`${SAID}; as recorded`);
});
