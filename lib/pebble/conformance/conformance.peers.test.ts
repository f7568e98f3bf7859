import { mkdir } from "node:fs/promises";
import path from "node:path";
import { describe, test } from "vitest";
import { freePort } from "../../../test/peers/oauth2-proxy.ts";
import { buildPebble, PEBBLE_VERSION, startPebble } from "../../../test/peers/pebble.ts";
import { unixSocket } from "../index.ts";
import { conformance } from "./conformance.ts";
import type { Subject } from "./ground.ts";

const peer = await buildPebble();

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
