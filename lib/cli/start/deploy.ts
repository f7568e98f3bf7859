import { setTimeout as delay } from "node:timers/promises";
import { juju, runJuju } from "./juju.ts";
import { step } from "./progress.ts";
import { deployments, relations } from "./topology.ts";

interface ShownStatus {
  readonly current: string;
  readonly message?: string;
}

interface StatusJson {
  readonly applications?: Readonly<
    Record<
      string,
      { readonly "application-status": ShownStatus; readonly units?: Readonly<Record<string, UnitJson>> }
    >
  >;
}

interface UnitJson {
  readonly "workload-status": ShownStatus;
  readonly "juju-status": ShownStatus;
}

/** How long the model may take to settle before it counts as stuck. */
const SETTLE_MS = 180_000;
const POLL_MS = 250;

/** Deploys and relates what is not there yet; what is there already is left as it is. */
export async function deployAll(): Promise<void> {
  const status = JSON.parse(await juju("status", "--format", "json")) as StatusJson;
  const present = new Set(Object.keys(status.applications ?? {}));
  for (const { app, args } of deployments) {
    if (present.has(app)) continue;
    await step(`juju deploy ${args.join(" ")}`, () => juju("deploy", ...args));
  }
  for (const [one, other] of relations) {
    await step(`juju integrate ${one} ${other}`, async () => {
      const { exitCode, stderr } = await runJuju(["integrate", one, other]);
      if (exitCode !== 0 && !/already exists/.test(stderr)) throw new Error(stderr.trim());
    });
  }
}

function describe({ current, message }: ShownStatus): string {
  return message ? `${current}: ${message}` : current;
}

/** Waits until every unit is active and idle; tells each change of a status as it comes. */
export async function settled(): Promise<void> {
  const shown = new Map<string, string>();
  const deadline = performance.now() + SETTLE_MS;
  while (performance.now() < deadline) {
    const { applications = {} } = JSON.parse(await juju("status", "--format", "json")) as StatusJson;
    const units = Object.values(applications).flatMap((app) => Object.entries(app.units ?? {}));
    for (const [name, unit] of units) {
      const text = describe(unit["workload-status"]);
      if (shown.get(name) !== text) console.log(`  ${name}  ${text}`);
      shown.set(name, text);
    }
    const done = units.every(
      ([, unit]) => unit["workload-status"].current === "active" && unit["juju-status"].current === "idle",
    );
    if (done && units.length >= deployments.length) return;
    await delay(POLL_MS);
  }
  throw new Error(
    `Cannot start: the model has not settled in ${SETTLE_MS / 1000} s, see juju status and juju debug-log --replay`,
  );
}
