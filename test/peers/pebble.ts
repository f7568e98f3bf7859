import { execFile, spawn } from "node:child_process";
import { access, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export const PEBBLE_VERSION = "1.32.1";
const MODULE = "github.com/canonical/pebble";
const GO_LINE = "1.26";

/** Where built peers are kept: outside the checkout, by name and version. */
export function peerDirectory(name: string, version: string): string {
  const cache = process.env["XDG_CACHE_HOME"] || path.join(homedir(), ".cache");
  return path.join(cache, "charmed-iap", "peers", `${name}-${version}`);
}

/** The built program, or why there is none: these suites are then counted as skipped. */
export type Peer = { readonly program: string } | { readonly missing: string };

/** Builds the real Pebble from its Go module, once per version; needs Go 1.26 or later on PATH. */
export async function buildPebble(): Promise<Peer> {
  const directory = peerDirectory("pebble", PEBBLE_VERSION);
  const program = path.join(directory, "pebble");
  if (await isThere(program)) return { program };
  const version = await goVersion();
  if (version === undefined || !isRecent(version)) {
    return { missing: `Go ${GO_LINE} or later is not on PATH${version ? `, Go ${version} is` : ""}` };
  }
  await build(directory, program);
  return { program };
}

async function isThere(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    () => false,
  );
}

async function goVersion(): Promise<string | undefined> {
  const printed = await run("go", ["env", "GOVERSION"]).catch(() => undefined);
  return /^go(\d+\.\d+)/.exec(printed?.stdout ?? "")?.[1];
}

function isRecent(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = GO_LINE.split(".").map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

/** Builds beside the final place, so that a broken build or a second one leaves nothing half done. */
async function build(directory: string, program: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const source = await mkdtemp(path.join(directory, "build-"));
  const goMod = `module example.test/peers/pebble\n\ngo ${GO_LINE}\n\nrequire ${MODULE} v${PEBBLE_VERSION}\n`;
  try {
    await writeFile(path.join(source, "go.mod"), goMod);
    const env = { ...process.env, GOFLAGS: "-buildvcs=false -mod=mod" };
    await run("go", ["build", "-o", path.join(source, "pebble"), `${MODULE}/cmd/pebble`], {
      cwd: source,
      env,
    });
    await rename(path.join(source, "pebble"), program);
  } finally {
    await rm(source, { recursive: true });
  }
}

/** The file of a socket is there before anybody listens on it. */
function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(socket, () => {
      probe.destroy();
      resolve(true);
    });
    probe.on("error", () => resolve(false));
  });
}

/** A running real Pebble with a home of its own. */
export interface RealPebble {
  readonly socket: string;
  readonly home: string;
  /** SIGTERM, which stops its services, and waits for its end. */
  close(): Promise<void>;
}

/** Starts a built Pebble as Juju does, holding its services. */
export async function startPebble(program: string): Promise<RealPebble> {
  const home = await mkdtemp(path.join(tmpdir(), "iap-real-"));
  const env = { PATH: process.env["PATH"] ?? "", HOME: home, PEBBLE: path.join(home, "p") };
  const child = spawn(program, ["run", "--create-dirs", "--hold"], { env, stdio: "ignore" });
  const ended = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
  });
  const socket = path.join(home, "p", ".pebble.socket");
  while (!(await answers(socket))) {
    if (child.exitCode !== null) throw new Error(`Cannot start ${program}: exit code ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return {
    socket,
    home,
    async close() {
      child.kill("SIGTERM");
      await ended;
      await rm(home, { recursive: true });
    },
  };
}
