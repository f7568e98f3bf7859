import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { unixSocket } from "../index.ts";
import { createPebble } from "../server/index.ts";
import type { Subject } from "./ground.ts";

/** A real second for every start, and for every batch of lines, would make these tests slow; the peers test keeps them. */
const START_GRACE_MS = 60;
const LONG_GRACE_MS = 2000;
const LOG_FLUSH_MS = 200;

/** An embedded Pebble for the conformance suite; faults of the server fail the test. */
export async function startEmbedded(
  over: "memory" | "socket",
  { longStart }: { readonly longStart: boolean },
): Promise<Subject> {
  const folder = await mkdtemp(path.join(tmpdir(), "iap-pebble-"));
  const faults: unknown[] = [];
  const pebble = await createPebble({
    root: path.join(folder, "root"),
    image: path.join(folder, "image"),
    startGraceMs: longStart ? LONG_GRACE_MS : START_GRACE_MS,
    logFlushMs: LOG_FLUSH_MS,
    onFault: (error) => faults.push(error),
  });
  const socket = path.join(folder, "pebble.socket");
  if (over === "socket") await pebble.listen(socket);
  const port = await pebble.listenTcp("127.0.0.1", 0);
  return {
    transport: over === "socket" ? unixSocket(socket) : pebble.handle,
    directory: path.join(folder, "root/tmp"),
    httpAddress: `127.0.0.1:${port}`,
    ...(over === "socket" && { socketPath: socket }),
    async close() {
      await pebble.close();
      await rm(folder, { recursive: true });
      if (faults.length > 0) throw new AggregateError(faults, "the server had faults");
    },
  };
}
