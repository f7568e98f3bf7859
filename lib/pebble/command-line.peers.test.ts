import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { buildPebble, PEBBLE_VERSION, startPebble } from "../../test/peers/pebble.ts";
import { createPebble } from "./server/index.ts";

const peer = await buildPebble();

const LAYER = `
services:
  web: {override: replace, command: "/bin/sh -c 'echo up; exec sleep 60'", startup: enabled, environment: {N: 5, S: "x: y"}}
  bad: {override: replace, command: "/bin/sh -c 'echo oh no; exit 4'", backoff-delay: 1m, backoff-limit: 1m}
checks:
  up: {override: replace, exec: {command: /bin/true}, period: 1h, level: alive}
log-targets:
  t: {override: replace, type: loki, location: "http://localhost:1/", services: [], labels: {a: b}}
`;

const IDENTITIES = `
identities:
  bob: {access: admin, local: {user-id: 4000000000}}
  mon: {access: metrics, basic: {password: "x"}}
`;

const GONE = `
identities: {mon: null}
`;

/** What an operator types, with a folder of the container and the folder of the files above. */
function commands(folder: string, place: string): readonly string[][] {
  const [layer, identities, gone] = ["layer.yaml", "identities.yaml", "gone.yaml"].map((name) =>
    path.join(place, name),
  ) as [string, string, string];
  return [
    ["version"],
    ["plan"],
    ["add", "base", layer],
    ["add", "base", layer],
    ["add", "--combine", "base", layer],
    ["plan"],
    ["replan"],
    ["start", "bad"],
    ["services"],
    ["logs", "web"],
    ["checks"],
    ["check", "up", "--refresh"],
    ["stop-checks", "up"],
    ["checks"],
    ["start-checks", "up"],
    ["health"],
    ["signal", "HUP", "bad"],
    ["mkdir", "-p", "-m", "700", `${folder}/x/y`],
    ["mkdir", `${folder}/x/y`],
    ["push", layer, `${folder}/x/y/pushed`],
    ["ls", "-l", `${folder}/x`],
    ["pull", `${folder}/x/y/pushed`, `${layer}.back`],
    ["pull", `${folder}/x/none`, `${layer}.none`],
    ["exec", "--", "/bin/sh", "-c", "cat; echo out; exit 3"],
    ["exec", "--", "/bin/sh", "-c", "echo err >&2; exit 4"],
    ["exec", "--timeout", "100ms", "--", "/bin/sleep", "60"],
    ["exec", "--", "no-such-program"],
    ["exec", "-w", "/no/such/dir", "--", "/bin/true"],
    ["exec", "-t", "-I", "--", "/bin/sh", "-c", "test -t 1 && stty size"],
    ["add-identities", "--from", identities],
    ["add-identities", "--from", identities],
    ["identities"],
    ["identity", "mon"],
    ["remove-identities", "--from", gone],
    ["identities"],
    ["rm", `${folder}/x`],
    ["rm", "-r", `${folder}/x`],
    ["notify", "example.com/a", "k=v"],
    ["notices", "--type", "custom"],
    ["notice", "custom", "example.com/a"],
    ["restart", "web"],
    ["stop", "web", "bad"],
    ["stop", "unknown"],
    ["changes"],
    ["tasks", "2"],
  ];
}

interface Spoken {
  readonly command: string;
  readonly code: number | null;
  readonly output: string;
}

function speak(program: string, args: readonly string[], env: Record<string, string>): Promise<Spoken> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { env: { PATH: process.env["PATH"] ?? "", TZ: "UTC", ...env } });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        output += chunk.toString("utf8");
      });
    }
    child.once("close", (code) => resolve({ command: args.join(" "), code, output }));
    child.stdin.on("error", () => undefined); // most commands end without having read
    child.stdin.end("in\n");
  });
}

/** Times, folders and what stands around them in columns are not compared. */
function comparable(spoken: Spoken, folder: string, place: string): Spoken {
  const plain = (text: string) =>
    text
      .replaceAll(folder, "FOLDER")
      .replaceAll(place, "PLACE")
      .replaceAll(/\d{4}-\d{2}-\d{2}T[\d:.]+Z/g, "TIME")
      .replaceAll(/today at \d\d:\d\d UTC/g, "TIME")
      .replaceAll(/\.mkdir-new/g, "")
      .replaceAll(/ +/g, " ");
  return { ...spoken, command: plain(spoken.command), output: plain(spoken.output) };
}

async function conversation(program: string, socket: string, folder: string): Promise<Spoken[]> {
  const place = await mkdtemp(path.join(tmpdir(), "iap-cli-"));
  const files = { "layer.yaml": LAYER, "identities.yaml": IDENTITIES, "gone.yaml": GONE };
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(place, name), text);
  const env = { PEBBLE_SOCKET: socket, PEBBLE: place, HOME: place };
  const said: Spoken[] = [];
  try {
    for (const args of commands(folder, place))
      said.push(comparable(await speak(program, args, env), folder, place));
  } finally {
    await rm(place, { recursive: true });
  }
  return said;
}

if ("missing" in peer) {
  describe.skip(`pebble ${PEBBLE_VERSION} command (skipped: ${peer.missing})`, () => {
    test("says the same of the embedded Pebble", () => undefined);
  });
} else {
  test("the real pebble command says the same of the embedded Pebble as of the real one", async () => {
    const real = await startPebble(peer.program);
    const folder = await mkdtemp(path.join(tmpdir(), "iap-cli-"));
    const embedded = await createPebble({ root: path.join(folder, "root"), image: folder });
    try {
      await embedded.listen(path.join(folder, "p.socket"));
      await mkdir(path.join(real.home, "files"));
      const [expected, actual] = await Promise.all([
        conversation(peer.program, real.socket, path.join(real.home, "files")),
        conversation(peer.program, path.join(folder, "p.socket"), path.join(folder, "root/tmp")),
      ]);
      expect(actual).toEqual(expected);
    } finally {
      await Promise.all([real.close(), embedded.close()]);
      await rm(folder, { recursive: true });
    }
  });
}
