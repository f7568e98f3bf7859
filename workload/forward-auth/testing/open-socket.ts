/** A socket for a program that is started later. */
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

/** A socket that listens, for `fd:3` of a program. */
export interface OpenSocket {
  readonly port: number;
  readonly fd: number;
  /** When the program has its own copy: ours must not take connections. */
  close(): void;
}

/** Opens one. Its port is nobody else's, and whoever connects before the program takes connections waits for it. */
export async function openSocket(): Promise<OpenSocket> {
  const opened = createServer().listen(0, "127.0.0.1");
  await once(opened, "listening");
  const { fd } = (opened as unknown as { _handle: { fd: number } })._handle;
  return { port: (opened.address() as AddressInfo).port, fd, close: () => void opened.close() };
}
