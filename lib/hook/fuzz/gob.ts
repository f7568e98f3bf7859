/**
 * Fuzz target: hostile bytes on the agent's socket, taken as a server and as a client takes them.
 *
 * `node lib/hook/fuzz/gob.ts [--runs N | --seconds N] [--seed N]`; exits 1 and prints the bytes on a fault.
 *
 * @module
 */
import type { Socket } from "node:net";
import { PassThrough } from "node:stream";
import { MessageSplitter } from "../agent-socket/gob-bytes.ts";
import { GobDecoder } from "../agent-socket/gob-decode.ts";
import { GobEncoder } from "../agent-socket/gob-encode.ts";
import { matchFields } from "../agent-socket/gob-match.ts";
import { GobFault, TypeNumbering } from "../agent-socket/gob-types.ts";
import {
  EMPTY_BODY,
  REPLY_BODY,
  REPLY_HEADER,
  REPLY_SHAPE,
  REQUEST_BODY,
  REQUEST_HEADER,
  REQUEST_SHAPE,
} from "../agent-socket/messages.ts";
import { ServerConnection } from "../agent-socket/server-connection.ts";

/** Hands the bytes to both decoders and to a server; throws only what is not a `GobFault`. */
export function hostile(bytes: Uint8Array): void {
  hostileToServer(bytes);
  const decoder = new GobDecoder();
  const splitter = new MessageSplitter(100_000);
  faultless(() => {
    for (const message of splitter.push(bytes)) {
      faultless(() => {
        const decoded = decoder.message(message);
        if (decoded === undefined) return;
        faultless(() => matchFields(decoder, decoded, "Request", REQUEST_SHAPE));
        matchFields(decoder, decoded, "ExecResponse", REPLY_SHAPE);
      });
    }
  });
}

function hostileToServer(bytes: Uint8Array): void {
  const socket = new PassThrough({ allowHalfOpen: true }) as unknown as Socket;
  // What the server writes must not come back to it as input.
  socket.write = () => true;
  new ServerConnection(socket, {
    handle: async () => ({ exitCode: 0, stdout: bytes, stderr: new Uint8Array() }),
    numbering: new TypeNumbering(),
    maxMessageBytes: 100_000,
    // Left unhandled on purpose: it ends the process and fails the test.
    onError: (error) => {
      throw error;
    },
  });
  socket.emit("data", Buffer.from(bytes));
  socket.emit("end");
}

function faultless(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof GobFault)) throw error;
  }
}

/** Deterministic numbers from 0 up to `below`. Park and Miller, 1988. */
function randomFrom(seed: number): (below: number) => number {
  let state = (seed % 2147483646) + 1;
  return (below) => {
    state = (state * 48271) % 2147483647;
    return state % below;
  };
}

function sample(random: (below: number) => number): Buffer {
  const encoder = new GobEncoder(new TypeNumbering());
  const texts = Array.from({ length: random(5) }, () => "x".repeat(random(200)));
  const stream = Buffer.concat([
    encoder.encode(REQUEST_HEADER, { ServiceMethod: "Jujuc.Main", Seq: random(300) }),
    encoder.encode(REQUEST_BODY, { ContextId: "c", Dir: "/", CommandName: "x", Args: texts }),
    encoder.encode(REPLY_HEADER, { ServiceMethod: "Jujuc.Main", Seq: 1, Error: texts[0] }),
    encoder.encode(REPLY_BODY, { Code: random(3), Stdout: Buffer.from(texts.join("")) }),
    encoder.encode(EMPTY_BODY, {}),
  ]);
  for (let i = random(8); i > 0; i -= 1) stream[random(stream.length)] = random(256);
  const start = random(4) === 0 ? random(stream.length) : 0;
  return stream.subarray(start, random(4) === 0 ? start + random(stream.length - start) : stream.length);
}

async function main(argv: readonly string[]): Promise<number> {
  const option = (name: string): number | undefined => {
    const at = argv.indexOf(name);
    return at < 0 ? undefined : Number(argv[at + 1]);
  };
  const seed = option("--seed") ?? 1;
  const seconds = option("--seconds");
  const runs = option("--runs") ?? (seconds === undefined ? 100_000 : Number.POSITIVE_INFINITY);
  const end = performance.now() + (seconds ?? Number.POSITIVE_INFINITY) * 1000;
  const random = randomFrom(seed);
  let done = 0;
  for (; done < runs && performance.now() < end; done += 1) {
    const bytes = sample(random);
    // Lets the servers answer, which they do in a later turn.
    if (done % 1000 === 0) await new Promise((resolve) => setImmediate(resolve));
    try {
      hostile(bytes);
    } catch (error) {
      console.error(`seed ${seed}, run ${done}: ${bytes.toString("hex")}`, error);
      return 1;
    }
  }
  console.log(`gob: ${done} inputs, no fault, seed ${seed}`);
  return 0;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
