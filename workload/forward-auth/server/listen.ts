/** Binding a server to its address. */
import { chmodSync, unlinkSync } from "node:fs";
import { type AddressInfo, connect, type ListenOptions, type Server } from "node:net";
import { isMainThread } from "node:worker_threads";
import { type ListenAddress, readListenAddress } from "./listen-address.ts";

/** The address cannot be listened on. */
export class ListenError extends Error {
  readonly code = "ERR_LISTEN";
}

/** Reads `host:port`, `[v6]:port`, `:port`, also with `http://` in front. */
export function readAddress(text: string): { readonly host: string; readonly port: number } {
  const address = readListenAddress(text);
  if (address?.kind !== "tcp") throw new RangeError(`Cannot read address "${text}": should be host:port`);
  return { host: address.host ?? "0.0.0.0", port: address.port };
}

/** An address as people write it. */
function textOf(address: ListenAddress): string {
  if (address.kind === "unix") return `unix://${address.path}`;
  if (address.kind === "fd") return `fd:${address.fd}`;
  return `${address.host?.includes(":") ? `[${address.host}]` : (address.host ?? "")}:${address.port}`;
}

function optionsOf(address: ListenAddress): ListenOptions & { readonly fd?: number } {
  if (address.kind === "unix") return { path: address.path };
  if (address.kind === "fd") return { fd: address.fd };
  return { port: address.port, ...(address.host === undefined ? {} : { host: address.host }), backlog: 4096 };
}

function bind(server: Server, address: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    // Between creation and chmod, a socket must not be open to more users than it will be.
    const narrow = isMainThread && address.kind === "unix" && address.mode !== undefined;
    const mask = narrow ? process.umask(0o777 & ~(address.mode ?? 0)) : undefined;
    server.listen(optionsOf(address), () => {
      server.off("error", reject);
      resolve();
    });
    if (mask !== undefined) process.umask(mask);
  });
}

/** True when nobody answers at a socket file: it was left over. */
function isLeftOver(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once("connect", () => {
      socket.destroy();
      resolve(false);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code === "ECONNREFUSED"));
  });
}

async function bindOrReplace(server: Server, address: ListenAddress): Promise<void> {
  try {
    await bind(server, address);
  } catch (error) {
    const taken = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
    if (!taken || address.kind !== "unix" || !(await isLeftOver(address.path))) throw error;
    unlinkSync(address.path);
    await bind(server, address);
  }
}

/**
 * Begins to listen. A Unix socket that a process left behind is replaced.
 *
 * @returns The port; 0 for a Unix socket.
 * @throws {ListenError} When it cannot.
 */
export async function listen(server: Server, address: ListenAddress): Promise<number> {
  try {
    await bindOrReplace(server, address);
    if (address.kind === "unix" && address.mode !== undefined) chmodSync(address.path, address.mode);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new ListenError(`Cannot listen on ${textOf(address)}: ${code ?? message}`, { cause });
  }
  const bound = server.address();
  return bound === null || typeof bound === "string" ? 0 : (bound as AddressInfo).port;
}
