import { statusText } from "../../charm/status.ts";

interface Shown {
  readonly current: string;
  readonly message?: string;
}

interface UnitShown {
  readonly "workload-status": Shown;
  readonly "juju-status": Shown;
  readonly subordinates?: Readonly<Record<string, UnitShown>>;
}

interface ApplicationShown {
  readonly life?: string;
  readonly scale?: number;
  readonly "application-status": Shown;
  readonly units?: Readonly<Record<string, UnitShown>> | null;
}

/** What of `juju status --format json` is looked at. */
export interface JujuStatus {
  readonly applications?: Readonly<Record<string, ApplicationShown>> | null;
}

const text = ({ current, message = "" }: Shown): string => statusText({ name: current, message });

/** Application → status and message. */
export function applicationStatuses({ applications }: JujuStatus): Readonly<Record<string, string>> {
  const entries = Object.entries(applications ?? {});
  return Object.fromEntries(entries.map(([app, shown]) => [app, text(shown["application-status"])]));
}

/** Unit → status and message, subordinates included. */
export function unitStatuses(status: JujuStatus): ReadonlyMap<string, string> {
  return new Map(unitsOf(status).map(([name, unit]) => [name, text(unit["workload-status"])]));
}

/** What is not at rest, in words; empty when all is. */
export function unrest(status: JujuStatus): readonly string[] {
  const applications = Object.entries(status.applications ?? {}).flatMap(([app, { life, scale, units }]) => {
    const count = Object.keys(units ?? {}).length;
    if (life === "dying" || life === "dead") return [`${app} is ${life}`];
    return scale !== undefined && scale !== count ? [`${app} has ${count} of ${scale} units`] : [];
  });
  const busy = unitsOf(status).flatMap(([name, { "juju-status": agent }]) =>
    agent.current === "idle" ? [] : [`${name} is ${agent.current}`],
  );
  return [...applications, ...busy];
}

/** Units whose hook has failed. */
export function failed(status: JujuStatus): readonly string[] {
  return unitsOf(status)
    .filter(([, unit]) => unit["workload-status"].current === "error")
    .map(([name, unit]) => `${name}: ${unit["workload-status"].message ?? ""}`);
}

function unitsOf({ applications }: JujuStatus): readonly (readonly [string, UnitShown])[] {
  const principals = Object.values(applications ?? {}).flatMap(({ units }) => Object.entries(units ?? {}));
  return principals.flatMap(([name, unit]) => [
    [name, unit] as const,
    ...Object.entries(unit.subordinates ?? {}),
  ]);
}
