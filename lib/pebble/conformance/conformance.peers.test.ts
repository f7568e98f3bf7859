import { mkdir } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import path from "node:path";
import { describe, test } from "vitest";
import { buildPebble, PEBBLE_VERSION, startPebble } from "../../../test/peers/pebble.ts";
import { unixSocket } from "../index.ts";
import { conformance } from "./conformance.ts";
import type { Subject } from "./ground.ts";

const peer = await buildPebble();

/** A port that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

if ("missing" in peer) {
  describe.skip(`Pebble: the real ${PEBBLE_VERSION} (skipped: ${peer.missing})`, () => {
    test("answers as the embedded one does", () => undefined);
  });
} else {
  const start = async (): Promise<Subject> => {
    const httpAddress = `127.0.0.1:${await freePort()}`;
    const pebble = await startPebble(peer.program, { httpAddress });
    const directory = path.join(pebble.home, "files");
    await mkdir(directory);
    return {
      transport: unixSocket(pebble.socket),
      socketPath: pebble.socket,
      directory,
      httpAddress,
      close: () => pebble.close(),
    };
  };
  conformance({ name: `the real ${PEBBLE_VERSION}`, hasSocket: true, start });
}
