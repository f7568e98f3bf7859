import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { connectAgent } from "./connect.ts";
import { RefusedCall } from "./connection.ts";
import { type AgentReply, type AgentRequest, serveAgentSocket } from "./server.ts";

const golden = new URL("../../../test/golden/agent-socket/", import.meta.url);

interface Exchange {
  readonly version: string;
  readonly name: string;
  readonly argv: readonly [string, ...string[]];
  readonly "context-id": string;
  readonly dir: string;
  readonly stdin: string | null;
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly transcript: readonly { readonly from: "client" | "server"; readonly hex: string }[];
}

const exchanges = readdirSync(golden)
  .filter((name) => name.endsWith(".json"))
  .map((name) => JSON.parse(readFileSync(new URL(name, golden), "utf8")) as Exchange);

const folder = mkdtempSync(join(tmpdir(), "agent-"));
const passed = { client: 0, server: 0 };
let count = 0;

const path = (): string => join(folder, `${count++}.sock`);

const bytesOf = (exchange: Exchange, from: "client" | "server"): string =>
  exchange.transcript.flatMap((chunk) => (chunk.from === from ? [chunk.hex] : [])).join("");

const encoded = (text: string): Uint8Array => new TextEncoder().encode(text);

afterAll(() => {
  rmSync(folder, { recursive: true });
  console.log(
    `agent-socket: ${exchanges.length} exchanges, client bytes equal in ${passed.client}, server bytes in ${passed.server}`,
  );
});

test("the recordings are there, in whole", () => {
  expect(exchanges).toHaveLength(34);
  for (const exchange of exchanges) {
    const read = (side: string): string =>
      readFileSync(new URL(`${exchange.version}-${exchange.name}.${side}.hex`, golden), "utf8").trim();
    expect(bytesOf(exchange, "client")).toBe(read("client"));
    expect(bytesOf(exchange, "server")).toBe(read("server"));
  }
});

/** Answers with the recorded server chunks, each when all that the client sent before it has come. */
async function replay(
  exchange: Exchange,
): Promise<{ address: string; received: () => string; close(): void }> {
  const received: Buffer[] = [];
  const left = [...exchange.transcript];
  let unread = 0;
  const server = createServer((socket: Socket) => {
    socket.on("data", (chunk) => {
      received.push(chunk);
      unread += chunk.length;
      for (let next = left[0]; next !== undefined; next = left[0]) {
        const bytes = Buffer.from(next.hex, "hex");
        if (next.from === "client" && unread < bytes.length) return;
        if (next.from === "client") unread -= bytes.length;
        else socket.write(bytes);
        left.shift();
      }
    });
  });
  const address = path();
  await new Promise<void>((resolve) => server.listen(address, resolve));
  return { address, received: () => Buffer.concat(received).toString("hex"), close: () => server.close() };
}

test.each(exchanges)(
  "client: $version $name sends the recorded bytes and reads the answer",
  async (exchange) => {
    const server = await replay(exchange);
    const [command, ...args] = exchange.argv;
    const token =
      exchange.name === "token-mismatch" ? { token: "x" } : exchange.version === "3.6" ? { token: "" } : {};
    const connection = await connectAgent({
      address: server.address,
      contextId: exchange["context-id"],
      dir: exchange.dir,
      ...token,
    });
    const printed = await connection
      .call({ command, args, stdin: async () => encoded(exchange.stdin ?? "") })
      .catch((error: unknown) => {
        if (!(error instanceof RefusedCall)) throw error;
        return { exitCode: 1, stdout: encoded(""), stderr: encoded(`ERROR ${error.message}\n`) };
      });
    connection.close();
    server.close();
    expect(server.received()).toBe(bytesOf(exchange, "client"));
    expect(printed.exitCode).toBe(exchange.exit);
    expect(Buffer.from(printed.stdout).toString()).toBe(exchange.stdout);
    expect(Buffer.from(printed.stderr).toString()).toBe(exchange.stderr);
    passed.client += 1;
  },
);

/** What the handler of the model would have said. */
function answerOf(exchange: Exchange, request: AgentRequest): AgentReply {
  if (exchange.name.startsWith("stdin-retry") && request.stdin === undefined) return "needs stdin";
  return { exitCode: exchange.exit, stdout: encoded(exchange.stdout), stderr: encoded(exchange.stderr) };
}

test.each(exchanges)("server: $version $name is answered with the recorded bytes", async (exchange) => {
  const requests: AgentRequest[] = [];
  const address = path();
  const server = await serveAgentSocket({
    path: address,
    contextId: exchange.name === "wrong-context" ? "web/0-config-changed-0" : exchange["context-id"],
    commands: exchange.name === "unknown-command" ? [] : [exchange.argv[0]],
    ...(exchange.version === "3.6" ? { token: "" } : {}),
    handle(request) {
      requests.push(request);
      return answerOf(exchange, request);
    },
  });
  const client = connect(address);
  let received = "";
  let expected = "";
  for (const { from, hex } of exchange.transcript) {
    if (from === "client") {
      client.write(Buffer.from(hex, "hex"));
      continue;
    }
    expected += hex;
    while (received.length < expected.length) {
      const [chunk] = (await new Promise<[Buffer]>((resolve) =>
        client.once("data", (c) => resolve([c])),
      )) as [Buffer];
      received += chunk.toString("hex");
    }
    expect(received).toBe(expected);
  }
  client.end();
  expect(await server.close()).toBe(0);
  for (const request of requests) {
    expect(request).toMatchObject({
      command: exchange.argv[0],
      args: exchange.argv.slice(1),
      dir: exchange.dir,
    });
  }
  if (exchange.stdin !== null && requests.length > 0) {
    expect(Buffer.from(requests.at(-1)!.stdin!).toString()).toBe(exchange.stdin);
  }
  passed.server += 1;
});
