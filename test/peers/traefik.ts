import { execFile } from "node:child_process";
import { access, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { type Peer, peerDirectory } from "./pebble.ts";

const run = promisify(execFile);

export const TRAEFIK_VERSION = "3.6.12";
const MODULE = "github.com/traefik/traefik/v3";

/** Traefik's own replacements, which a module that requires it has to repeat. */
const GO_MOD = `module example.test/peers/traefik

go 1.26

require ${MODULE} v${TRAEFIK_VERSION}

replace github.com/abbot/go-http-auth => github.com/containous/go-http-auth v0.4.1-0.20200324110947-a37a7636d23e

replace github.com/gorilla/mux => github.com/containous/mux v0.0.0-20250523120546-41b6ec3aed59

replace github.com/mailgun/minheap => github.com/containous/minheap v0.0.0-20190809180810-6e71eb837595
`;

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/** Builds the real Traefik from its Go module, once per version; needs Go 1.26 or later on PATH. Takes minutes. */
export async function buildTraefik(): Promise<Peer> {
  const directory = peerDirectory("traefik", TRAEFIK_VERSION);
  const program = path.join(directory, "traefik");
  if (await isThere(program)) return { program };
  const version = await run("go", ["env", "GOVERSION"]).catch(() => undefined);
  const [, major = "0", minor = "0"] = /^go(\d+)\.(\d+)/.exec(version?.stdout ?? "") ?? [];
  if (Number(major) < 1 || (Number(major) === 1 && Number(minor) < 26)) {
    return { missing: "Go 1.26 or later is not on PATH" };
  }
  await build(directory, program);
  return { program };
}

/** Builds beside the final place, so that a broken build or a second one leaves nothing half done. */
async function build(directory: string, program: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const source = await mkdtemp(path.join(directory, "build-"));
  try {
    await writeFile(path.join(source, "go.mod"), GO_MOD);
    const env = { ...process.env, GOFLAGS: "-buildvcs=false -mod=mod" };
    const made = path.join(source, "traefik");
    await run("go", ["build", "-o", made, `${MODULE}/cmd/traefik`], { cwd: source, env });
    await rename(made, program);
  } finally {
    await rm(source, { recursive: true });
  }
}
