import type { ResultOf } from "../../local/api.ts";
import { connect } from "../../local/client.ts";
import type { StatusValue } from "../../model/status.ts";
import { juju, runJuju } from "./juju.ts";
import { step } from "./progress.ts";
import { deployments, relations } from "./topology.ts";

/** How long the model may take to settle before it counts as stuck. */
const SETTLE_MS = 180_000;

/** How long every unit must stay idle: between two hooks of a unit it is idle for a moment. */
const QUIET_MS = 500;

/** Deploys and relates what is not there yet; what is there already is left as it is. */
export async function deployAll(): Promise<void> {
  const status = JSON.parse(await juju("status", "--format", "json")) as { applications?: object };
  const present = new Set(Object.keys(status.applications ?? {}));
  const missing = deployments.filter(({ app }) => !present.has(app));
  await Promise.all(
    missing.map(({ args }) => step(`juju deploy ${args.join(" ")}`, () => juju("deploy", ...args))),
  );
  const [protection, ...others] = relations;
  if (protection) await relate(protection);
  await Promise.all(others.map(relate));
}

function relate([one, other]: readonly [string, string]): Promise<void> {
  return step(`juju integrate ${one} ${other}`, async () => {
    const { exitCode, stderr } = await runJuju(["integrate", one, other]);
    if (exitCode !== 0 && !/already exists/.test(stderr)) throw new Error(stderr.trim());
  });
}

const text = ({ status, message }: StatusValue): string =>
  message === "" ? status : `${status}: ${message}`;

/** Waits until every unit is active and idle, and stays so; tells each change of a status as it comes. */
export async function settled(): Promise<void> {
  const client = await connect();
  const shown = new Map<string, string>();
  const deadline = performance.now() + SETTLE_MS;
  try {
    let quiet = false;
    for (let version: number | undefined; performance.now() < deadline; ) {
      const answer: ResultOf<"watch"> = await client.call("watch", {
        ...(version === undefined ? {} : { version }),
        timeoutMs: quiet ? QUIET_MS : 5_000,
      });
      if (quiet && answer.version === version) return;
      version = answer.version;
      const applications = Object.values(answer.status.applications);
      const units = applications.flatMap((app) => Object.entries(app.units ?? {}));
      for (const [name, { workload }] of units) {
        if (shown.get(name) !== text(workload)) console.log(`  ${name}  ${text(workload)}`);
        shown.set(name, text(workload));
      }
      const idle = units.every(
        ([, { workload, agent }]) => workload.status === "active" && agent.status === "idle",
      );
      const complete = applications.every((app) => Object.keys(app.units ?? {}).length === app.scale);
      quiet = idle && complete;
    }
  } finally {
    client.close();
  }
  throw new Error(
    `Cannot start: the model has not settled in ${SETTLE_MS / 1000} s, see juju status and juju debug-log --replay`,
  );
}
