import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test } from "vitest";
import { answer } from "../fixtures/agent.ts";
import { inProcess } from "../in-process.ts";
import type { HookTransport } from "../transport.ts";
import { MessageSplitter } from "./gob-bytes.ts";
import { GobDecoder } from "./gob-decode.ts";
import { GobEncoder } from "./gob-encode.ts";
import { TypeNumbering } from "./gob-types.ts";
import { EMPTY_BODY, REPLY_BODY, REPLY_HEADER } from "./messages.ts";
import { agentSocket } from "./transport.ts";

const folder = mkdtempSync(join(tmpdir(), "agent-"));
const address = join(folder, "agent.sock");
let server: Server | undefined;
let transport: HookTransport | undefined;

afterEach(async () => {
  transport?.close();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
});
afterAll(() => rmSync(folder, { recursive: true }));

/** An agent that does with each call what a test wants. */
async function agent(onCall: (reply: Reply, socket: Socket) => void): Promise<void> {
  server = createServer((socket) => {
    const decoder = new GobDecoder();
    const splitter = new MessageSplitter(1e6);
    const encoder = new GobEncoder(new TypeNumbering());
    let values = 0;
    let header: ReadonlyMap<string, unknown>;
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk) => {
      for (const message of splitter.push(chunk)) {
        const decoded = decoder.message(message);
        if (decoded === undefined) continue;
        values += 1;
        if (values % 2 === 1) header = decoded.value as ReadonlyMap<string, unknown>;
        else onCall(new Reply(socket, encoder, Number(header.get("Seq") ?? 0)), socket);
      }
    });
  });
  await new Promise<void>((resolve) => server?.listen(address, resolve));
}

class Reply {
  readonly #socket: Socket;
  readonly #encoder: GobEncoder;
  readonly seq: number;
  constructor(socket: Socket, encoder: GobEncoder, seq: number) {
    this.#socket = socket;
    this.#encoder = encoder;
    this.seq = seq;
  }
  send(text: string, seq = this.seq): void {
    this.#write({ ServiceMethod: "Jujuc.Main", Seq: seq }, { Stdout: Buffer.from(text) });
  }
  refuse(error: string): void {
    this.#write({ ServiceMethod: "Jujuc.Main", Seq: this.seq, Error: error });
  }
  #write(header: Record<string, string | number>, body?: { Stdout: Uint8Array }): void {
    this.#socket.write(
      Buffer.concat([
        this.#encoder.encode(REPLY_HEADER, header),
        body ? this.#encoder.encode(REPLY_BODY, body) : this.#encoder.encode(EMPTY_BODY, {}),
      ]),
    );
  }
}

/** The transport under test, with a fallback that answers `fallback`. */
function openWithFallback(network = "unix"): { notes: string[]; transport: HookTransport } {
  const notes: string[] = [];
  transport = agentSocket({
    network,
    address,
    contextId: "c",
    dir: "/",
    fallback: inProcess(() => answer("fallback")),
    debug: (message) => notes.push(message),
  });
  return { notes, transport };
}

async function ask(transport: HookTransport, command = "is-leader"): Promise<string> {
  const { stdout, stderr } = await transport.run({ command, args: [] });
  return Buffer.concat([stdout, stderr]).toString();
}

test("agentSocket() matches replies by number, in whatever order they come", async () => {
  const held: Reply[] = [];
  await agent((reply) => {
    held.push(reply);
    if (held.length === 20) for (const each of held.reverse()) each.send(`${each.seq}`);
  });
  const { transport, notes } = openWithFallback();
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask(transport)));
  expect(answers).toEqual(Array.from({ length: 20 }, (_, index) => `${index}`));
  expect(notes).toEqual([]);
});

test("agentSocket() sends calls that are made together in one piece", async () => {
  await agent((reply) => reply.send("x"));
  const pieces: number[] = [];
  server?.on("connection", (socket) =>
    socket.on("data", (piece) => pieces.push(piece.toString("latin1").split("Jujuc.Main").length - 1)),
  );
  const { transport } = openWithFallback();
  await Promise.all(Array.from({ length: 5 }, () => ask(transport)));
  await ask(transport);
  expect(pieces).toEqual([5, 1]);
});

test("agentSocket() gives a refused call as jujuc prints it, and stays on the socket", async () => {
  await agent((reply) => reply.refuse('bad request: wrong context ID; got "c"'));
  const { transport, notes } = openWithFallback();
  expect(await ask(transport)).toBe('ERROR bad request: wrong context ID; got "c"\n');
  expect(notes).toEqual([]);
});

test.each<[string, (reply: Reply, socket: Socket) => void, string | RegExp]>([
  ["closes", (_, socket) => socket.destroy(), "unexpected EOF"],
  ["sends what is no gob", (_, socket) => socket.write(Buffer.from("0bff820206", "hex").fill(9)), /gob: /],
  [
    "sends a type it did not define",
    (_, socket) => socket.write(Buffer.from("03ff9000", "hex")),
    /unknown type id/,
  ],
  [
    "announces a message over the limit",
    (_, socket) => socket.write(Buffer.from("fc7fffffff", "hex")),
    /message too big/,
  ],
  ["answers a call that was not made", (reply) => reply.send("x", 7), /call that was not made: 7/],
  ["has no such method", (reply) => reply.refuse("rpc: can't find method Jujuc.Main"), /can't find method/],
  ["reads other structures", (reply) => reply.refuse("gob: type mismatch"), /type mismatch/],
])("agentSocket() falls back when the agent %s, and says so once", async (_, onCall, reason) => {
  await agent(onCall);
  const { transport, notes } = openWithFallback();
  expect(await Promise.all([ask(transport), ask(transport)])).toEqual(["fallback", "fallback"]);
  expect(await ask(transport)).toBe("fallback");
  expect(notes).toEqual([expect.stringMatching(/^agent socket not used, falling back to executables: /)]);
  expect(notes[0]).toMatch(reason);
});

test("agentSocket() falls back when nobody listens", async () => {
  const { transport, notes } = openWithFallback();
  expect(await ask(transport, "secret-add")).toBe("fallback");
  expect(notes).toEqual([
    `agent socket not used, falling back to executables: dial unix ${address}: connect: no such file or directory`,
  ]);
});

test("agentSocket() falls back from a network it does not speak", async () => {
  const { transport, notes } = openWithFallback("tcp");
  expect(await ask(transport)).toBe("fallback");
  expect(notes).toHaveLength(1);
});

test.each(["secret-add", "storage-add", "juju-reboot"])(
  "agentSocket() does not repeat %s when it may have been carried out",
  async (command) => {
    await agent((_, socket) => socket.destroy());
    const { transport } = openWithFallback();
    expect(await ask(transport, command)).toBe("ERROR unexpected EOF\n");
    expect(await ask(transport, command)).toBe("fallback");
  },
);

test("agentSocket() without a fallback answers as jujuc does", async () => {
  transport = agentSocket({ network: "unix", address, contextId: "c", dir: "/" });
  expect(await ask(transport)).toBe(`ERROR dial unix ${address}: connect: no such file or directory\n`);
});

test("agentSocket() opens nothing before the first call and lets go on close()", async () => {
  let opened = 0;
  await agent((reply) => reply.send("x"));
  server?.on("connection", () => {
    opened += 1;
  });
  const { transport } = openWithFallback();
  expect(opened).toBe(0);
  await Promise.all([ask(transport), ask(transport)]);
  await ask(transport);
  expect(opened).toBe(1);
  transport.close();
  // Ends only when every connection has.
  await new Promise((resolve) => server?.close(resolve));
  await expect(ask(transport)).rejects.toThrow("the transport is closed");
  server = undefined;
});
