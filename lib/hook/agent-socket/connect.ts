import type { Socket } from "node:net";
import { type AgentAddress, AgentConnection, ConnectionFault } from "./connection.ts";

/** How long to wait for a connection, in milliseconds. The agent listens before the hook starts. */
export const CONNECT_TIMEOUT_MS = 5000;

/**
 * Opens a connection to the agent. The descriptor is close-on-exec, so no child inherits it.
 *
 * @throws {ConnectionFault} With Go's wording of the cause, `sent: false`.
 */
export async function connectAgent(
  address: AgentAddress,
  options: { readonly timeoutMs?: number } = {},
): Promise<AgentConnection> {
  // Loaded here because a hook that runs in process never needs it.
  const { connect } = process.getBuiltinModule("node:net");
  const socket = connect({ path: socketPath(address.address) });
  await opened(socket, address.address, options.timeoutMs ?? CONNECT_TIMEOUT_MS);
  return new AgentConnection(socket, address);
}

/** A leading `@` is Go's spelling of the abstract name space, whose names begin with a zero byte. */
export function socketPath(address: string): string {
  return address.startsWith("@") ? `\0${address.slice(1)}` : address;
}

function opened(socket: Socket, address: string, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string, cause?: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(new ConnectionFault(`dial unix ${address}: ${reason}`, false, { cause }));
    };
    const timer = setTimeout(() => fail("i/o timeout"), timeoutMs);
    const onError = (error: NodeJS.ErrnoException): void => fail(`connect: ${reasonOf(error)}`, error);
    socket.once("error", onError);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.removeListener("error", onError);
      resolve();
    });
  });
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "no such file or directory",
  ECONNREFUSED: "connection refused",
  EACCES: "permission denied",
  ENOTSOCK: "socket operation on non-socket",
};

function reasonOf(error: NodeJS.ErrnoException): string {
  return reasons[error.code ?? ""] ?? error.message;
}
