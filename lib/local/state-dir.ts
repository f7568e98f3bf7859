import { createHash } from "node:crypto";
import { chmodSync, lstatSync, mkdirSync } from "node:fs";
import { homedir, tmpdir, userInfo } from "node:os";
import { join, resolve } from "node:path";
import { LocalError } from "./errors.ts";

/** Where a controller keeps things. All absolute. */
export interface StateDir {
  /** Durable: database, charms, containers, storage. */
  readonly state: string;
  /** Sockets; short, because a socket path ends at 107 bytes. */
  readonly runtime: string;
  readonly controlSocket: string;
  readonly database: string;
  /** `{ pid, started }` of the running process. */
  readonly pidFile: string;
  /** What the background process printed. */
  readonly logFile: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Finds a controller's folders: `CHARMED_IAP_STATE`, else `charmed-iap/<controller>` in the user's state
 * folder; sockets in `$XDG_RUNTIME_DIR`, else in a private folder for temporary files. Creates nothing.
 *
 * @see XDG Base Directory Specification
 */
export function stateDir(env: Environment = process.env, controller = "local"): StateDir {
  const home = env["HOME"] || homedir();
  const base = env["XDG_STATE_HOME"] || join(home, ".local", "state");
  const state = resolve(env["CHARMED_IAP_STATE"] || join(base, "charmed-iap", controller));
  const short = createHash("sha256").update(state).digest("hex").slice(0, 8);
  const runtime = join(runtimeBase(env), short);
  return {
    state,
    runtime,
    controlSocket: join(runtime, "control.sock"),
    database: join(state, "state.sqlite"),
    pidFile: join(state, "controller.json"),
    logFile: join(state, "controller.log"),
  };
}

function runtimeBase(env: Environment): string {
  const given = env["XDG_RUNTIME_DIR"];
  return given ? join(given, "charmed-iap") : join(tmpdir(), `charmed-iap-${userInfo().uid}`);
}

/**
 * Makes the folders, closed to others. A runtime folder that belongs to somebody else is refused: the
 * folder for temporary files is everybody's.
 *
 * @throws {LocalError} `ERR_CONTROLLER_START`
 */
export function createStateDir(dir: StateDir): void {
  mkdirSync(dir.state, { recursive: true, mode: 0o700 });
  for (const path of [resolve(dir.runtime, ".."), dir.runtime]) {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const { uid } = lstatSync(path);
    if (uid !== userInfo().uid || !lstatSync(path).isDirectory()) {
      throw new LocalError(
        "ERR_CONTROLLER_START",
        `Cannot use ${path}: it belongs to user ${uid}, it should be yours`,
      );
    }
    chmodSync(path, 0o700);
  }
}
