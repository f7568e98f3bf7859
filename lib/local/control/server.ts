import { once } from "node:events";
import { chmod, rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { isModelError } from "../../model/errors.ts";
import { isLocalError } from "../errors.ts";
import { LineReader, parseRequest, type WireError, type WireReply } from "./protocol.ts";

/** One call as a method sees it. */
export interface Call {
  /** Tells the client something while it waits. */
  progress(value: unknown): void;
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal;
}

export interface ControlServerOptions {
  readonly path: string;
  readonly handle: (
    method: string,
    params: Readonly<Record<string, unknown>>,
    call: Call,
  ) => Promise<unknown>;
  /** Told about errors that are nobody's answer. */
  readonly onFault: (error: unknown) => void;
}

/** Serves the control socket; only its owner can connect. */
export async function serveControl(options: ControlServerOptions): Promise<{ close(): Promise<void> }> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    serveConnection(socket, options);
  });
  await rm(options.path, { force: true }); // The lock in the database says that no other controller is alive.
  await once(server.listen({ path: options.path }), "listening");
  await chmod(options.path, 0o600);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.end(() => socket.destroy());
      }),
  };
}

function serveConnection(socket: Socket, options: ControlServerOptions): void {
  const gone = new AbortController();
  const send = (reply: WireReply): void => {
    if (socket.writable) socket.write(`${JSON.stringify(reply)}\n`);
  };
  const answer = async (line: string): Promise<void> => {
    const request = parseRequest(line);
    if (!request) {
      socket.destroy();
      return;
    }
    const { id, method, params } = request;
    const call: Call = { progress: (value) => send({ id, progress: value }), signal: gone.signal };
    try {
      const result = await options.handle(method, params as Record<string, unknown>, call);
      send({ id, result: result ?? {} });
    } catch (error) {
      send({ id, error: wireError(error, options.onFault) });
    }
  };
  const reader = new LineReader((line) => {
    answer(line).catch(options.onFault);
  });
  socket.setEncoding("utf8");
  socket.on("data", (text: string) => {
    try {
      reader.push(text);
    } catch (error) {
      options.onFault(error);
      socket.destroy();
    }
  });
  socket.on("error", () => socket.destroy()); // A client that went away needs no answer.
  socket.on("close", () => gone.abort());
}

function wireError(error: unknown, onFault: (error: unknown) => void): WireError {
  if (isLocalError(error)) return { message: error.message, code: error.code, exitCode: error.exitCode };
  if (isModelError(error)) return { message: error.message, code: error.code, exitCode: 1 };
  onFault(error);
  const message = error instanceof Error ? error.message : String(error);
  return { message, code: "ERR_INTERNAL", exitCode: 1 };
}
