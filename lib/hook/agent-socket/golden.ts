/**
 * Replays recorded exchanges of the agent's socket against both ends of ours and compares the bytes.
 *
 * @module
 */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAgent } from "./connect.ts";
import { ConnectionFault, RefusedCall } from "./connection.ts";
import { type AgentReply, type AgentRequest, serveAgentSocket } from "./server.ts";

/** An end that sends fewer bytes than recorded leaves the other waiting; after this long, whatever else runs beside, it gives up. */
const silenceMs = 30_000;

/** One recorded process; the folder's README describes the fields. */
export interface Exchange {
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

/** What one end of ours did with an exchange. */
export interface Outcome {
  /** All bytes it sent, in hex. */
  readonly sent: string;
  /** What it took from the other side, in the words of the recording. */
  readonly understood: Readonly<Record<string, unknown>>;
}

/** Reads all exchanges of a folder, sorted by file name. */
export async function readExchanges(folder: string): Promise<readonly Exchange[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".json")).sort();
  return Promise.all(
    names.map(async (name) => JSON.parse(await readFile(join(folder, name), "utf8")) as Exchange),
  );
}

/** All bytes of one direction, in hex. */
export function recordedBytes(exchange: Exchange, from: "client" | "server"): string {
  return exchange.transcript.flatMap((chunk) => (chunk.from === from ? [chunk.hex] : [])).join("");
}

/** What `replayClient` should understand. */
export function recordedAnswer({ exit, stdout, stderr }: Exchange): Outcome["understood"] {
  return { exit, stdout, stderr };
}

/** What `replayServer` should understand; nothing where the agent refused before it ran anything. */
export function recordedRequest(exchange: Exchange): Outcome["understood"] {
  const { argv, "context-id": contextId, dir, stdin } = exchange;
  return exchange.stderr.startsWith("ERROR bad request: ")
    ? {}
    : { argv, "context-id": contextId, dir, stdin };
}

/** Our client against the recorded server bytes. */
export async function replayClient(exchange: Exchange): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), "golden-"));
  const server = await recordedServer(exchange, join(folder, "agent.sock"));
  try {
    const connection = await connectAgent({
      address: join(folder, "agent.sock"),
      contextId: exchange["context-id"],
      dir: exchange.dir,
      ...clientToken(exchange),
    });
    const [command, ...args] = exchange.argv;
    const stdin = async (): Promise<Uint8Array> => Buffer.from(exchange.stdin ?? "");
    const printed = await connection.call({ command, args, stdin }).catch(asPrinted);
    connection.close();
    const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
    const understood = { exit: printed.exitCode, stdout: text(printed.stdout), stderr: text(printed.stderr) };
    return { sent: server.received(), understood };
  } finally {
    await server.close();
    await rm(folder, { recursive: true });
  }
}

/** The client of 3.6 always has the field; one recording was made with a wrong token. */
function clientToken({ version, name }: Exchange): { token?: string } {
  if (version !== "3.6") return {};
  return { token: name === "token-mismatch" ? "x" : "" };
}

function asPrinted(error: unknown): { exitCode: number; stdout: Uint8Array; stderr: Uint8Array } {
  if (!(error instanceof RefusedCall) && !(error instanceof ConnectionFault)) throw error;
  return { exitCode: 1, stdout: Buffer.alloc(0), stderr: Buffer.from(`ERROR ${error.message}\n`) };
}

/** Sends each recorded server chunk when all that the client sent before it has come. */
async function recordedServer(
  exchange: Exchange,
  path: string,
): Promise<{ received(): string; close(): Promise<void> }> {
  const received: Buffer[] = [];
  const left = [...exchange.transcript];
  let unread = 0;
  const server = createServer((socket: Socket) => {
    socket.setTimeout(silenceMs, () => socket.destroy());
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
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    received: () => Buffer.concat(received).toString("hex"),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Our server against the recorded client bytes; a fresh one for each, as in the recordings. */
export async function replayServer(exchange: Exchange): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), "golden-"));
  const path = join(folder, "agent.sock");
  let request: AgentRequest | undefined;
  const server = await serveAgentSocket({
    path,
    contextId: exchange.name === "wrong-context" ? "web/0-config-changed-0" : exchange["context-id"],
    commands: exchange.name === "unknown-command" ? [] : [exchange.argv[0]],
    ...(exchange.version === "3.6" ? { token: "" } : {}),
    handle(received) {
      request = received;
      return recordedReply(exchange, received);
    },
  });
  try {
    const sent = await recordedClient(exchange, path);
    return { sent, understood: request === undefined ? {} : understoodRequest(request) };
  } finally {
    await server.close({ limitMs: 1000 });
    await rm(folder, { recursive: true });
  }
}

/** What the command behind the recorded server said. */
function recordedReply(exchange: Exchange, request: AgentRequest): AgentReply {
  if (exchange.stdin !== null && request.stdin === undefined) return "needs stdin";
  const { exit, stdout, stderr } = exchange;
  return { exitCode: exit, stdout: Buffer.from(stdout), stderr: Buffer.from(stderr) };
}

function understoodRequest({ command, args, contextId, dir, stdin }: AgentRequest): Outcome["understood"] {
  return {
    argv: [command, ...args],
    "context-id": contextId,
    dir,
    stdin: stdin === undefined ? null : Buffer.from(stdin).toString(),
  };
}

/** Sends the recorded client chunks, each after as many bytes as had come before it; gives what came. */
async function recordedClient(exchange: Exchange, path: string): Promise<string> {
  const socket = connect(path);
  socket.setTimeout(silenceMs, () => socket.end());
  let received = "";
  let expected = 0;
  const chunks = socket[Symbol.asyncIterator]();
  for (const { from, hex } of exchange.transcript) {
    if (from === "client") {
      socket.write(Buffer.from(hex, "hex"));
      continue;
    }
    expected += hex.length;
    while (received.length < expected) {
      const { value, done } = await chunks.next();
      if (done) return received;
      received += (value as Buffer).toString("hex");
    }
  }
  socket.destroy();
  return received;
}

/** One end of one exchange, and how it differs from the recording, if it does. */
export interface Comparison {
  /** `4.0-stdin-retry client` */
  readonly name: string;
  readonly difference?: string;
}

/** Replays every exchange of a folder laid out like `test/golden/agent-socket/`, both ends. */
export async function compareAgentSocket(folder: string): Promise<readonly Comparison[]> {
  const comparisons: Comparison[] = [];
  for (const exchange of await readExchanges(folder)) {
    const name = `${exchange.version}-${exchange.name}`;
    const client = { sent: recordedBytes(exchange, "client"), understood: recordedAnswer(exchange) };
    const server = { sent: recordedBytes(exchange, "server"), understood: recordedRequest(exchange) };
    comparisons.push(compare(`${name} client`, client, await replayClient(exchange)));
    comparisons.push(compare(`${name} server`, server, await replayServer(exchange)));
  }
  return comparisons;
}

function compare(name: string, expected: Outcome, actual: Outcome): Comparison {
  const [wanted, got] = [JSON.stringify(expected), JSON.stringify(actual)];
  return wanted === got ? { name } : { name, difference: `expected ${wanted}, got ${got}` };
}
