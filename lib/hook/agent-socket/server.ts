import { once } from "node:events";
import type { Server, Socket } from "node:net";
import type { HookAnswer } from "../transport.ts";
import { socketPath } from "./connect.ts";
import { TypeNumbering } from "./gob-types.ts";
import { MAX_MESSAGE_BYTES } from "./messages.ts";
import { type ServedRequest, ServerConnection } from "./server-connection.ts";

/** A call as it arrived; `stdin` is absent when the caller supplied none. */
export type AgentRequest = ServedRequest;

/**
 * What the model says to a call: an answer, a refusal (nothing was run; the text goes to the caller as
 * `ERROR <text>`), or that the command reads standard input and was given none.
 */
export type AgentReply = HookAnswer | { readonly error: string } | "needs stdin";

/** Where to listen and who answers. */
export interface ServeAgentSocketOptions {
  /** Path of the unix socket, at most 107 bytes; a leading `@` means the abstract name space. */
  readonly path: string;
  /** Called for one request at a time, whatever the number of connections. */
  readonly handle: (request: AgentRequest) => AgentReply | Promise<AgentReply>;
  /** The running hook; other ids are refused. Default: the handler decides. */
  readonly contextId?: string;
  /** Known commands; others are refused. Default: the handler decides. */
  readonly commands?: readonly string[];
  /** Juju 3.6 only: the token that requests must carry. Default: not looked at, as in Juju 4. */
  readonly token?: string;
  /** Longest request, in bytes. Default: 64 MiB; the connection of a longer one is closed. */
  readonly maxMessageBytes?: number;
  /** Told when `handle` throws; the caller then sees the connection end, as when an agent dies. */
  readonly onError?: (error: unknown) => void;
}

/** A served socket. */
export interface AgentSocketServer {
  /**
   * Stops listening, removes the socket file and waits until every connection is closed, as Juju does.
   *
   * @param options.limitMs Ends what is still open after this many milliseconds. Default: no limit.
   * @returns How many connections had to be ended.
   */
  close(options?: { readonly limitMs?: number }): Promise<number>;
}

/**
 * Serves hook commands as the unit agent does: Go `net/rpc` with gob on a unix socket, byte for byte.
 * Commands run one at a time in the order of arrival.
 *
 * @throws {RangeError} When the path is too long for a unix socket.
 */
export async function serveAgentSocket(options: ServeAgentSocketOptions): Promise<AgentSocketServer> {
  const { path } = options;
  if (Buffer.byteLength(path) > 107) {
    throw new RangeError(`Cannot listen on "${path}": a socket path has at most 107 bytes`);
  }
  const { createServer } = process.getBuiltinModule("node:net");
  const { chmod, rm } = process.getBuiltinModule("node:fs/promises");
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, accept(options, open));
  const named = !path.startsWith("@");
  if (named) await rm(path, { force: true });
  await once(server.listen({ path: socketPath(path) }), "listening");
  if (named) await chmod(path, 0o700);
  return { close: ({ limitMs } = {}) => closed(server, open, limitMs) };
}

function accept(options: ServeAgentSocketOptions, open: Set<Socket>): (socket: Socket) => void {
  // One numbering and one queue for all connections, like the one process and the one lock of an agent.
  const numbering = new TypeNumbering();
  let queue: Promise<unknown> = Promise.resolve();
  const handle = (request: AgentRequest): Promise<AgentReply> => {
    const turn = queue.then(() => options.handle(request));
    queue = turn.catch(() => undefined); // The caller of this turn is told; the next one must still run.
    return turn;
  };
  const maxMessageBytes = options.maxMessageBytes ?? MAX_MESSAGE_BYTES;
  return (socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    new ServerConnection(socket, { ...options, handle, numbering, maxMessageBytes });
  };
}

function closed(server: Server, open: Set<Socket>, limitMs: number | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    let ended = 0;
    const end = (): void => {
      ended = open.size;
      for (const socket of open) socket.destroy();
    };
    const timer = limitMs === undefined ? undefined : setTimeout(end, limitMs);
    server.close((error) => {
      clearTimeout(timer);
      if (error) reject(error);
      else resolve(ended);
    });
  });
}
