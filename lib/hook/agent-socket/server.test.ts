import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { connectAgent } from "./connect.ts";
import type { AgentConnection } from "./connection.ts";
import { GobEncoder } from "./gob-encode.ts";
import { type GobType, TypeNumbering } from "./gob-types.ts";
import { REQUEST_BODY, REQUEST_HEADER } from "./messages.ts";
import { type AgentSocketServer, type ServeAgentSocketOptions, serveAgentSocket } from "./server.ts";

const folder = mkdtempSync(join(tmpdir(), "agent-"));
let count = 0;
let server: AgentSocketServer | undefined;
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server?.close({ limitMs: 1000 });
  server = undefined;
});
afterAll(() => rmSync(folder, { recursive: true }));

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A server that answers each command with its name. */
async function start(options: Partial<ServeAgentSocketOptions> = {}): Promise<string> {
  const path = join(folder, `${count++}.sock`);
  server = await serveAgentSocket({
    path,
    handle: ({ command }) => ({ exitCode: 0, stdout: encode(command), stderr: encode("") }),
    ...options,
  });
  return path;
}

async function open(address: string, contextId = "c", dir = "/"): Promise<AgentConnection> {
  const connection = await connectAgent({ address, contextId, dir });
  return connection;
}

async function run(connection: AgentConnection, command: string): Promise<string> {
  const { stdout } = await connection.call({ command, args: [] });
  return new TextDecoder().decode(stdout);
}

/** Sends bytes as they are; gives what comes back until the connection closes. */
async function raw(address: string, bytes: Uint8Array): Promise<Buffer> {
  const socket = connect({ path: address, allowHalfOpen: true });
  sockets.push(socket);
  const received: Buffer[] = [];
  socket.on("data", (chunk) => received.push(chunk));
  socket.end(bytes);
  await new Promise((resolve) => socket.once("close", resolve).once("end", () => socket.destroy()));
  return Buffer.concat(received);
}

const text: GobType = { kind: "string" };
const body = { ContextId: "c", Dir: "/", CommandName: "is-leader" };

function call(
  options: { method?: string; body?: object; type?: GobType; seq?: number | bigint } = {},
): Buffer {
  const encoder = new GobEncoder(new TypeNumbering());
  const header = { ServiceMethod: options.method ?? "Jujuc.Main", Seq: options.seq ?? 0 };
  return Buffer.concat([
    encoder.encode(REQUEST_HEADER, header),
    encoder.encode(options.type ?? REQUEST_BODY, (options.body ?? body) as typeof body),
  ]);
}

describe("serveAgentSocket()", () => {
  test("makes the socket file for the owner only, and removes it", async () => {
    const path = await start();
    expect(statSync(path).mode & 0o777).toBe(0o700);
    await server?.close();
    expect(existsSync(path)).toBe(false);
    server = undefined;
  });

  test("takes over a socket file that a killed process left", async () => {
    const path = await start();
    const first = server;
    server = undefined;
    const second = await serveAgentSocket({ path, handle: () => ({ error: "second" }) });
    const connection = await open(path);
    await expect(connection.call({ command: "x", args: [] })).rejects.toThrow("second");
    connection.close();
    await Promise.all([first?.close(), second.close()]);
  });

  test("refuses a path that no socket can have", async () => {
    const path = join(folder, "x".repeat(120));
    await expect(serveAgentSocket({ path, handle: () => "needs stdin" })).rejects.toThrow(
      "a socket path has at most 107 bytes",
    );
  });

  test("listens in the abstract name space", async () => {
    const path = `@${folder}/abstract`;
    server = await serveAgentSocket({ path, handle: () => ({ error: "here" }) });
    const connection = await open(path);
    await expect(connection.call({ command: "x", args: [] })).rejects.toThrow("here");
    connection.close();
  });

  test.each([
    [{ method: "Jujuc.Foo" }, "rpc: can't find method Jujuc.Foo"],
    [{ method: "Foo.Main" }, "rpc: can't find service Foo.Main"],
    [{ method: "Main" }, "rpc: service/method request ill-formed: Main"],
    [
      { type: { kind: "struct", name: "T", fields: [{ name: "X", type: text }] }, body: { X: "y" } },
      "gob: type mismatch: no fields matched compiling decoder for Request",
    ],
    [
      { type: { kind: "struct", name: "T", fields: [{ name: "Args", type: text }] }, body: { Args: "y" } },
      "gob: wrong type ([]string) for received field T.Args",
    ],
    [{ body: { ContextId: "foreign" } }, "bad request: command not specified"],
    [{ body: { ContextId: "foreign", CommandName: "no" } }, "bad request: Dir is not absolute"],
    [{ body: { ContextId: "foreign", CommandName: "no", Dir: "." } }, "bad request: Dir is not absolute"],
    [
      { body: { ContextId: "foreign", CommandName: "no", Dir: "/" } },
      'bad request: wrong context ID; got "foreign"',
    ],
    [{ body: { ...body, CommandName: "no" } }, "bad request: unknown command: no"],
  ] as const)("refuses %j with Juju's words, in Juju's order", async (options, expected) => {
    const path = await start({ contextId: "c", commands: ["is-leader"] });
    expect((await raw(path, call(options))).toString("latin1")).toContain(expected);
  });

  test("looks at the token before anything else, when it has one", async () => {
    const path = await start({ token: "t", contextId: "c" });
    const answer = await raw(path, call({ body: { ContextId: "foreign" } }));
    expect(answer.toString("latin1")).toContain("bad request: token does not match");
  });

  test("refuses a body of a type that was never defined, and goes on", async () => {
    const path = await start();
    const first = call();
    const header = first.subarray(0, 47 + 16);
    const undefinedBody = Buffer.from("03ff9000", "hex");
    const next = call({ seq: 1 }).subarray(47);
    const answer = await raw(path, Buffer.concat([header, undefinedBody, next]));
    expect(answer.toString("latin1")).toContain("gob: unknown type id or corrupted data");
    expect(answer.toString("latin1")).toContain("is-leader");
  });

  test.each([
    ["a header of a type that was never defined", Buffer.from("03ff9000", "hex")],
    ["a type that is defined twice", Buffer.concat([call(), call()])],
    ["a message over the limit", Buffer.from("fc7fffffff", "hex")],
  ])("closes the connection at %s, and serves others", async (_, bytes) => {
    const path = await start({ handle: () => ({ error: "answered" }) });
    await raw(path, bytes);
    const connection = await open(path);
    await expect(connection.call({ command: "x", args: [] })).rejects.toThrow("answered");
    connection.close();
  });

  test("answers a call that comes byte by byte, and a caller that has closed its side", async () => {
    const path = await start();
    const socket = connect({ path, allowHalfOpen: true });
    sockets.push(socket);
    for (const byte of call()) socket.write(Buffer.of(byte));
    socket.end();
    const chunk = await new Promise<Buffer>((resolve) => socket.once("data", resolve));
    expect(chunk.toString("latin1")).toContain("is-leader");
  });

  test("echoes a call number beyond 2^53", async () => {
    const path = await start();
    const answer = await raw(path, call({ seq: 2n ** 64n - 1n }));
    expect(answer.toString("hex")).toContain("01f8ffffffffffffffff");
  });

  test("numbers a reply type by its first use in the process, not on the connection", async () => {
    const path = await start({
      handle: ({ command }) =>
        command === "no" ? { error: "no" } : { exitCode: 0, stdout: encode(""), stderr: encode("") },
    });
    await raw(path, call({ body: { ...body, CommandName: "no" } }));
    const answer = await raw(path, call());
    // 66 although 65 was never defined on this connection.
    expect(answer.toString("hex")).toMatch(/03ff8400$/);
  });

  test("runs commands one at a time over all connections, in the order they came", async () => {
    let running = 0;
    let most = 0;
    const order: string[] = [];
    const path = await start({
      async handle({ command }) {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        order.push(command);
        running -= 1;
        return { exitCode: 0, stdout: encode(command), stderr: encode("") };
      },
    });
    const connections = await Promise.all([open(path), open(path), open(path)]);
    const names = Array.from({ length: 150 }, (_, index) => `c${index}`);
    const answers = await Promise.all(names.map((name, i) => run(connections[i % 3]!, name)));
    expect(answers).toEqual(names);
    expect(most).toBe(1);
    const ofFirst = order.filter((name) => Number(name.slice(1)) % 3 === 0);
    expect(ofFirst).toEqual(names.filter((_, i) => i % 3 === 0));
    for (const connection of connections) connection.close();
  });

  test("a handler that throws ends that connection and not the server", async () => {
    const errors: unknown[] = [];
    const path = await start({
      handle({ command }) {
        if (command === "bad") throw new Error("broken");
        return { exitCode: 0, stdout: encode(command), stderr: encode("") };
      },
      onError: (error) => errors.push(error),
    });
    const [first, second] = await Promise.all([open(path), open(path)]);
    await expect(run(first, "bad")).rejects.toThrow("unexpected EOF");
    expect(await run(second, "good")).toBe("good");
    expect(errors).toEqual([new Error("broken")]);
    second.close();
  });

  test("close() waits for every open connection, and still answers them", async () => {
    const path = await start();
    const connection = await open(path);
    await run(connection, "first");
    let done = false;
    const closing = server!.close().then((ended) => {
      done = true;
      return ended;
    });
    server = undefined;
    expect(await run(connection, "late")).toBe("late");
    expect(done).toBe(false);
    await expect(connectAgent({ address: path, contextId: "c", dir: "/" })).rejects.toThrow(
      `dial unix ${path}: connect: no such file or directory`,
    );
    connection.close();
    expect(await closing).toBe(0);
  });

  test("close() ends what is open after its limit, and counts it", async () => {
    const path = await start();
    const connection = await open(path);
    await run(connection, "x");
    expect(await server!.close({ limitMs: 1 })).toBe(1);
    server = undefined;
    connection.close();
  });
});
