import { connect, type Socket } from "node:net";
import { LocalError } from "../errors.ts";
import { LineReader, type WireReply } from "./protocol.ts";

/** What a caller may want beside the result. */
export interface CallOptions {
  readonly onProgress?: (value: unknown) => void;
  /** Ends the wait; the controller is told only when the connection closes. */
  readonly signal?: AbortSignal;
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly onProgress: ((value: unknown) => void) | undefined;
}

/** An open connection to a controller. */
export interface ControlConnection {
  call(method: string, params: unknown, options?: CallOptions): Promise<unknown>;
  close(): void;
}

/**
 * Connects to a control socket.
 *
 * @throws The error of the operating system: `ENOENT`, `ECONNREFUSED` when nobody listens.
 */
export function openConnection(path: string): Promise<ControlConnection> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.removeListener("error", reject);
      resolve(connection(socket));
    });
  });
}

function connection(socket: Socket): ControlConnection {
  const pending = new Map<number, Pending>();
  let last = 0;
  const lost = (): void => {
    const error = new LocalError(
      "ERR_CONTROLLER_UNREACHABLE",
      "Cannot reach the local controller: the connection ended",
    );
    for (const call of pending.values()) call.reject(error);
    pending.clear();
  };
  const reader = new LineReader((line) => settle(pending, JSON.parse(line) as WireReply));
  socket.setEncoding("utf8");
  socket.on("data", (text: string) => reader.push(text));
  socket.on("error", lost);
  socket.on("close", lost);
  return {
    call(method, params, { onProgress, signal } = {}) {
      last += 1;
      const id = last;
      return new Promise((resolve, reject) => {
        if (socket.destroyed) {
          reject(
            new LocalError(
              "ERR_CONTROLLER_UNREACHABLE",
              "Cannot reach the local controller: the connection ended",
            ),
          );
          return;
        }
        pending.set(id, { resolve, reject, onProgress });
        const aborted = (): void => {
          pending.delete(id);
          reject(signal?.reason);
        };
        if (signal?.aborted) aborted();
        else {
          signal?.addEventListener("abort", aborted, { once: true });
          socket.write(`${JSON.stringify({ id, method, params })}\n`);
        }
      });
    },
    close: () => socket.destroy(),
  };
}

function settle(pending: Map<number, Pending>, reply: WireReply): void {
  const call = pending.get(reply.id);
  if (!call) return;
  if (reply.error === undefined && reply.result === undefined) {
    call.onProgress?.(reply.progress);
    return;
  }
  pending.delete(reply.id);
  if (reply.error) {
    const { code, message, exitCode } = reply.error;
    call.reject(new LocalError(code, message, { exitCode }));
  } else call.resolve(reply.result);
}
