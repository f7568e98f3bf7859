import { createServer } from "node:net";
import { LocalError } from "../errors.ts";

/**
 * Checks that the addresses of a network can be listened on. Linux has all of 127.0.0.0/8; macOS has
 * 127.0.0.1 alone until somebody adds others.
 *
 * @param address The first address of the controller.
 * @throws {LocalError} `ERR_CONTROLLER_START`, with the command that adds the addresses.
 */
export async function checkLoopback(address: string): Promise<void> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host: address, port: 0 }, resolve);
    });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EADDRNOTAVAIL") throw cause;
    const network = address.split(".").slice(0, 3).join(".");
    const command = `for n in 1 $(seq 16 95); do sudo ifconfig lo0 alias ${network}.$n up; done`;
    const message = `Cannot use ${address}: this machine has no such loopback address, add them with: ${command}`;
    throw new LocalError("ERR_CONTROLLER_START", message, { cause });
  } finally {
    server.close();
  }
}
