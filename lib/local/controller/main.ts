/**
 * The background process of the local model. Started by `connect()`, ended by `iap stop` or SIGTERM.
 *
 * @module
 */

import { truncateSync } from "node:fs";
import { serveControl } from "../control/server.ts";
import { EXIT_LOCKED, isLocalError, LocalError } from "../errors.ts";
import { createStateDir, stateDir } from "../state-dir.ts";
import { Controller, DEFAULT_VERSION } from "./controller.ts";
import { answer } from "./methods/index.ts";

function fault(error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${new Date().toISOString()} ${text}\n`);
}

async function main(): Promise<void> {
  const dir = stateDir(process.env);
  createStateDir(dir);
  const version = process.env["CHARMED_IAP_JUJU_VERSION"] || DEFAULT_VERSION;
  const charms = process.env["CHARMED_IAP_CHARMS"];
  const controller = new Controller({ dir, version, onFault: fault, ...(charms ? { charms } : {}) });
  truncateSync(dir.logFile, 0);
  try {
    await controller.start();
  } catch (error) {
    await controller.stop();
    throw error;
  }
  let ending: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    ending ??= controller.stop();
    return ending;
  };
  const server = await serveControl({
    path: dir.controlSocket,
    onFault: fault,
    handle: async (method, params, call) => {
      if (method !== "stop") {
        if (ending) throw new LocalError("ERR_CONTROLLER_UNREACHABLE", "the local controller is stopping");
        return answer(controller, method, params, call);
      }
      await stop();
      setImmediate(() => void end());
      return {};
    },
  });
  const end = async (): Promise<void> => {
    await stop();
    await server.close();
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void end());
  process.on("SIGHUP", () => undefined); // The terminal it was started from is not its own.
}

process.on("unhandledRejection", fault);
main().catch((error: unknown) => {
  process.stderr.write(
    `${isLocalError(error) ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.exit(isLocalError(error) && error.code === "ERR_CONTROLLER_LOCKED" ? EXIT_LOCKED : 1);
});
