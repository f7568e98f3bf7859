import { startPebble as start } from "../../lib/testing/pebble/start-pebble.ts";
import { buildGoProgram, type Peer } from "./go-program.ts";

export const PEBBLE_VERSION = "1.32.1";

/** The real Pebble. */
export const buildPebble = (): Promise<Peer> =>
  buildGoProgram({
    name: "pebble",
    version: PEBBLE_VERSION,
    module: "github.com/canonical/pebble",
    package: "cmd/pebble",
  });

/** A running real Pebble with a home of its own. */
export interface RealPebble {
  readonly socket: string;
  readonly home: string;
  /** SIGTERM, which stops its services, and waits for its end. */
  close(): Promise<void>;
}

/** Starts a built Pebble as Juju does, holding its services; with a TCP port if one is given. */
export async function startPebble(
  program: string,
  options: { readonly httpAddress?: string } = {},
): Promise<RealPebble> {
  const args = options.httpAddress === undefined ? [] : ["--http", options.httpAddress];
  const { socket, root, stop } = await start({ program, args });
  return { socket, home: root, close: stop };
}
