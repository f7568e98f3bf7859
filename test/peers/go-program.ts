import { execFile } from "node:child_process";
import { access, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const GO_LINE = "1.26";

/** Where built peers are kept: outside the checkout, by name and version. */
export function peerDirectory(name: string, version: string): string {
  const cache = process.env["XDG_CACHE_HOME"] || path.join(homedir(), ".cache");
  return path.join(cache, "charmed-iap", "peers", `${name}-${version}`);
}

/** The built program, or why there is none: these suites are then counted as skipped. */
export type Peer = { readonly program: string } | { readonly missing: string };

/** A program that is a package of a Go module. */
export interface GoProgram {
  /** Also the name of the program. */
  readonly name: string;
  /** Without the `v`. */
  readonly version: string;
  readonly module: string;
  /** Package of the program, below the module; `.` is the module's own. */
  readonly package: string;
  /** Text of `main.go`, for a program of ours that uses the module; `package` is then `.`. */
  readonly source?: string;
  /** Old module → new module and version: the replacements of its own `go.mod`, which Go does not inherit. */
  readonly replacements?: Readonly<Record<string, string>>;
  /** Build tags. */
  readonly tags?: readonly string[];
  /** Text variables of packages to set (`package.name` → value): a program that is told its version by its build. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** Builds a program from its Go module, once per version; needs Go 1.26 or later on PATH. May take minutes. */
export async function buildGoProgram(wanted: GoProgram): Promise<Peer> {
  const directory = peerDirectory(wanted.name, wanted.version);
  const program = path.join(directory, wanted.name);
  if (await isThere(program)) return { program };
  const version = await goVersion();
  if (version === undefined || !isRecent(version)) {
    return { missing: `Go ${GO_LINE} or later is not on PATH${version ? `, Go ${version} is` : ""}` };
  }
  console.log(`building ${wanted.name} ${wanted.version} into ${directory}`);
  await build(wanted, directory, program);
  return { program };
}

/** A program that takes long to build: it is built only with `PEERS=all`, and used wherever it is built. */
export async function buildLongProgram(wanted: GoProgram): Promise<Peer> {
  const program = path.join(peerDirectory(wanted.name, wanted.version), wanted.name);
  if (process.env["PEERS"] === "all" || (await isThere(program))) return buildGoProgram(wanted);
  return { missing: `${wanted.name} ${wanted.version} is not built; PEERS=all builds it, in minutes` };
}

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

async function goVersion(): Promise<string | undefined> {
  const printed = await run("go", ["env", "GOVERSION"]).catch(() => undefined);
  return /^go(\d+\.\d+)/.exec(printed?.stdout ?? "")?.[1];
}

function isRecent(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = GO_LINE.split(".").map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

function goMod({ name, version, module, replacements = {} }: GoProgram): string {
  return [
    `module example.test/peers/${name}`,
    `go ${GO_LINE}`,
    `require ${module} v${version}`,
    ...Object.entries(replacements).map(([old, other]) => `replace ${old} => ${other}`),
    "",
  ].join("\n\n");
}

/** Builds beside the final place, so that a broken build or a second one leaves nothing half done. */
async function build(wanted: GoProgram, directory: string, program: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const source = await mkdtemp(path.join(directory, "build-"));
  try {
    await writeFile(path.join(source, "go.mod"), goMod(wanted));
    if (wanted.source !== undefined) await writeFile(path.join(source, "main.go"), wanted.source);
    const env = { ...process.env, GOFLAGS: "-buildvcs=false -mod=mod" };
    const made = path.join(source, wanted.name);
    const built = wanted.source === undefined ? path.posix.join(wanted.module, wanted.package) : ".";
    const variables = Object.entries(wanted.variables ?? {}).map(([name, value]) => `-X ${name}=${value}`);
    const tags = wanted.tags === undefined ? [] : ["-tags", wanted.tags.join()];
    const flags = ["-ldflags", variables.join(" "), ...tags, "-o", made];
    await run("go", ["build", ...flags, built], {
      cwd: source,
      env,
    });
    await rename(made, program);
  } finally {
    await rm(source, { recursive: true });
  }
}
