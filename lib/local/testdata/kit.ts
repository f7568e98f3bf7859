import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConnectOptions, connect, type LocalClient } from "../client.ts";
import type { ModelReport } from "../../model/index.ts";

const here = import.meta.dirname;
export const helloCharm = join(here, "charms/hello");
export const helloImage = join(here, "images/hello");

/** A controller of its own for a test: folders, environment and the way to end it. */
export interface TestController {
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  connect(options?: ConnectOptions): Promise<LocalClient>;
  /** Stops the controller, if it runs, and removes its folders. */
  end(): Promise<void>;
}

export function testController(): TestController {
  const folder = mkdtempSync(join(tmpdir(), "iap-local-"));
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: folder,
    CHARMED_IAP_STATE: join(folder, "state"),
    XDG_RUNTIME_DIR: folder,
  };
  return {
    env,
    folder,
    connect: (options = {}) => connect({ env, ...options }),
    async end() {
      try {
        const client = await connect({ env, start: false });
        await client.call("stop", {});
        client.close();
      } catch (error) {
        if ((error as { code?: string }).code !== "ERR_CONTROLLER_UNREACHABLE") throw error;
      }
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Deploys the fixture charm. */
export async function deployHello(client: LocalClient, units = 1, application = "hello"): Promise<void> {
  await client.call("deploy", { charm: helloCharm, application, units, resources: { "app-image": helloImage } });
}

/** Waits until the model is as it should be; the test's own time limit ends it. */
export async function until(client: LocalClient, isSo: (status: ModelReport) => boolean): Promise<ModelReport> {
  let version: number | undefined;
  for (;;) {
    const seen = await client.call("watch", version === undefined ? {} : { version });
    if (isSo(seen.status)) return seen.status;
    version = seen.version;
  }
}

/** Whether every unit of the application has nothing to do and says so. */
export function isActive(status: ModelReport, application: string, message?: string): boolean {
  const units = Object.values(status.applications[application]?.units ?? {});
  const isSettled = (unit: (typeof units)[number]): boolean =>
    unit.workload.status === "active" &&
    unit.agent.status === "idle" &&
    (message === undefined || unit.workload.message === message);
  return units.length > 0 && units.every(isSettled);
}

/** Runs a shell command on a unit and gives its output. */
export async function onUnit(client: LocalClient, unit: string, command: string): Promise<string> {
  const { tasks } = await client.call("exec", { units: [unit], command });
  const done = await client.call("wait", { tasks: tasks.map(({ id }) => id) });
  return String(done.tasks[0]?.results?.["stdout"] ?? "");
}

/** Asks a URL until it answers: a workload needs a moment after its hook. */
export async function ask(url: string): Promise<string> {
  for (;;) {
    try {
      return await (await fetch(url)).text();
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
