import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { type Gateway as Process, startGateway } from "../../../workload/traefik/golden/process.ts";
import { freePort, OURS } from "../oauth2-proxy.ts";

/** What a container of oauth2-proxy is started with. */
export interface Container {
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Absolute path → text of a file that is mounted there. */
  readonly files: Readonly<Record<string, string>>;
}

/** What a container finds around itself. */
export interface Surroundings {
  /** Folder for its files. */
  readonly folder: string;
  /** `name:port` → port of 127.0.0.1. */
  readonly services: Readonly<Record<string, number>>;
  /** PEM file of the CAs that the container's trust store has. */
  readonly authorities: string;
  /** Port of 127.0.0.1 that stands for its 4180. */
  readonly decisions: number;
}

/** A started container. */
export interface Running {
  /** What it wrote. */
  log(): string;
  close(): Promise<void>;
}

/** Milliseconds until `/ready` must be 200. */
const PATIENCE = 20_000;

async function ready(origin: string, started: Process): Promise<void> {
  for (
    const end = performance.now() + PATIENCE;
    performance.now() < end && started.child.exitCode === null;
  ) {
    const answer = await fetch(`${origin}/ready`).catch(() => undefined);
    if (answer?.status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await started.stop();
  throw new Error(`Cannot start the container: ${started.output()}`);
}

/**
 * Starts our program with the arguments, variables and files of a container, unchanged, and waits until it is ready.
 *
 * What it would have in a cluster is put around it, by a preload (`container.cjs`) that Node.js reads from `NODE_OPTIONS`: services
 * by their names, port 4180 although others on this machine have one, files below `/etc`. The trust store is `SSL_CERT_FILE`.
 */
export async function startContainer(
  { args, environment, files }: Container,
  { folder, services, authorities, decisions }: Surroundings,
): Promise<Running> {
  const mounted: Record<string, string> = {};
  for (const [inside, text] of Object.entries(files)) {
    const file = path.join(folder, "root", inside);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
    mounted[inside] = file;
  }
  const ports = { 4180: decisions, 44180: await freePort() };
  const preload = path.join(folder, "preload.cjs");
  const script = path.join(import.meta.dirname, "container.cjs");
  const around = JSON.stringify({ services, ports, files: mounted });
  await writeFile(preload, `require(${JSON.stringify(script)})(${around});\n`);
  const started = startGateway(OURS, args, {
    ...environment,
    NODE_OPTIONS: `--require=${preload}`,
    SSL_CERT_FILE: authorities,
  });
  await ready(`http://127.0.0.1:${decisions}`, started);
  return { log: started.output, close: () => started.stop("SIGTERM") };
}
