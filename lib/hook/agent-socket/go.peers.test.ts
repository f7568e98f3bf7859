import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectAgent } from "./connect.ts";
import { RefusedCall } from "./connection.ts";
import { GobEncoder, type GobInput } from "./gob-encode.ts";
import { type GobType, TypeNumbering } from "./gob-types.ts";
import { REQUEST_BODY, REQUEST_HEADER } from "./messages.ts";
import { serveAgentSocket } from "./server.ts";

const go = spawnSync("go", ["version"], { encoding: "utf8" });
if (go.status !== 0) console.log("skipped: the peer is built with Go, which is not on PATH");

const folder = mkdtempSync(join(tmpdir(), "peer-"));
const peer = join(folder, "peer");
const source = fileURLToPath(new URL("./testdata/peer.go", import.meta.url));
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

afterAll(() => rmSync(folder, { recursive: true }));

describe.skipIf(go.status !== 0)("Go's net/rpc and gob", () => {
  beforeAll(() => execa("go", ["build", "-o", peer, source], { cwd: folder }), 120_000);

  test("a Go client is answered by our server", async () => {
    const path = join(folder, "ours.sock");
    const server = await serveAgentSocket({
      path,
      handle({ command, args, dir, stdin }) {
        if (command === "refuse") return { error: "bad request: refused" };
        if (command === "empty") return { exitCode: 0, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
        if (command === "stdin" && stdin === undefined) return "needs stdin";
        const stdout = Buffer.from(`${command} ${dir} ${args} ${stdin ? text(stdin) : ""}`);
        return { exitCode: args.length, stdout, stderr: Buffer.from("é".repeat(200)) };
      },
    });
    const { stdout } = await execa(peer, ["call", path]);
    await server.close();
    const stderr = JSON.stringify("é".repeat(200));
    expect(stdout.split("\n")).toEqual([
      "refuse: error bad request: refused",
      `plain: 2 "plain /d a,é " ${stderr}`,
      'empty: 0 "" ""',
      "stdin: error hook tool requires stdin, none supplied",
      `stdin: 0 "stdin /  in" ${stderr}`,
      "other: error rpc: can't find method Jujuc.Other",
      "at once: 50",
    ]);
  });

  test("a Go server answers our client", async () => {
    const address = join(folder, "theirs.sock");
    const server = execa(peer, ["serve", address], { stdin: "pipe" });
    await new Promise((resolve) => server.stdout?.once("data", resolve));
    const connection = await connectAgent({ address, contextId: "c", dir: "/d" });
    await expect(connection.call({ command: "refuse", args: [] })).rejects.toThrow(
      new RefusedCall("bad request: refused"),
    );
    const calls = Array.from({ length: 50 }, (_, index) =>
      connection.call({ command: "x", args: Array.from({ length: index }, () => "é") }),
    );
    for (const [index, { exitCode, stdout, stderr }] of (await Promise.all(calls)).entries()) {
      expect(exitCode).toBe(index);
      expect(text(stdout)).toBe(`c|/d|${Array.from({ length: index }, () => "é").join("|")}|`);
      expect(text(stderr)).toBe("é".repeat(index));
    }
    const long = Buffer.from("x".repeat(300_000));
    const answer = await connection.call({ command: "stdin", args: [], stdin: async () => long });
    expect(text(answer.stdout)).toBe(`c|/d||${long}`);
    connection.close();
    server.stdin?.end();
    await server;
  });

  test("a Go server and ours refuse the same streams with the same bytes", async () => {
    const theirs = join(folder, "theirs2.sock");
    const peerServer = execa(peer, ["serve", theirs], { stdin: "pipe" });
    await new Promise((resolve) => peerServer.stdout?.once("data", resolve));
    const ours = join(folder, "ours2.sock");
    const server = await serveAgentSocket({ path: ours, handle: () => ({ error: "bad request: refused" }) });
    let answered = 0;
    for (const [name, bytes] of Object.entries(refused)) {
      const [expected, actual] = await Promise.all([raw(theirs, bytes), raw(ours, bytes)]);
      expect({ name, sent: actual }).toEqual({ name, sent: expected });
      if (expected !== "") answered += 1;
    }
    expect(answered).toBe(13);
    await server.close();
    peerServer.stdin?.end();
    await peerServer;
  });
});

function stream(method: string, type: GobType, body: GobInput, seq: number | bigint = 0): Buffer {
  const encoder = new GobEncoder(new TypeNumbering());
  const header = encoder.encode(REQUEST_HEADER, { ServiceMethod: method, Seq: seq });
  return Buffer.concat([header, encoder.encode(type, body)]);
}

function structOf(name: string, type: GobType): GobType {
  return { kind: "struct", name: "T", fields: [{ name, type }] };
}

const number: GobType = { kind: "int" };
const plain = { CommandName: "refuse", Dir: "/" };
const refusedCall = stream("Jujuc.Main", REQUEST_BODY, plain, 2n ** 64n - 1n);
/** Definition and value of the header. */
const header = refusedCall.subarray(0, 47 + 26);

/** Streams that a server answers with an error, or not at all. */
const refused: Readonly<Record<string, Buffer>> = {
  "no such method": stream("Jujuc.Foo", REQUEST_BODY, plain),
  "no such service": stream("Foo.Main", REQUEST_BODY, plain),
  "no method": stream("Main", REQUEST_BODY, plain),
  "two dots": stream("Jujuc.Main.Main", REQUEST_BODY, plain),
  "an empty method": stream("", REQUEST_BODY, plain),
  "no known field": stream("Jujuc.Main", structOf("X", number), { X: 1 }),
  "a number for a text": stream("Jujuc.Main", structOf("Dir", number), { Dir: 1 }),
  "a number for bytes": stream("Jujuc.Main", structOf("Stdin", number), { Stdin: 1 }),
  "a number for a list": stream("Jujuc.Main", structOf("Args", number), { Args: 1 }),
  "a text for a boolean": stream("Jujuc.Main", structOf("StdinSet", { kind: "string" }), { StdinSet: "x" }),
  "a number for no field of ours": stream("Jujuc.Foo", structOf("X", number), { X: 1 }),
  "the highest call number": refusedCall,
  "a body of a type that was never defined": Buffer.concat([header, Buffer.from("03ff9000", "hex")]),
  "a header of a type that was never defined": Buffer.from("03ff9000", "hex"),
  "a header whose type has other fields": stream("Jujuc.Main", REQUEST_BODY, plain).subarray(63),
  nothing: Buffer.alloc(0),
};

/** What comes back until the server closes, in hex. */
async function raw(address: string, bytes: Buffer): Promise<string> {
  const socket = connect({ path: address, allowHalfOpen: true });
  const received: Buffer[] = [];
  socket.end(bytes);
  for await (const chunk of socket) received.push(chunk as Buffer);
  return Buffer.concat(received).toString("hex");
}
