import type { ModelReport, UnitReport } from "../../model/status.ts";
import { subordinatesOf } from "./formatted.ts";

/** Whether a selector names this; 3.6 knows `*` and the words of statuses. */
function matcher(
  selectors: readonly string[],
  wildcards: boolean,
): (name: string, unit?: UnitReport) => boolean {
  const patterns = selectors.map((selector) => {
    const escaped = selector.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
    return new RegExp(`^${wildcards ? escaped.replaceAll("*", ".*") : escaped.replaceAll("*", "\\*")}$`);
  });
  return (name, unit) => {
    if (patterns.some((pattern) => pattern.test(name))) return true;
    if (!wildcards || !unit) return false;
    return selectors.includes(unit.workload.status) || selectors.includes(unit.agent.status);
  };
}

/**
 * Leaves what the selectors name: applications, units and their machines, and relations between what is left.
 * A unit that matches keeps those that live with it.
 *
 * @returns `matched` false when nothing is left.
 * @see Juju: juju status
 */
export function filterStatus(
  report: ModelReport,
  selectors: readonly string[],
): { report: ModelReport; matched: boolean } {
  if (selectors.length === 0) return { report, matched: true };
  const matches = matcher(selectors, report.model.version.startsWith("3."));
  const kept = Object.entries(report.applications ?? {}).flatMap(([name, app]) => {
    if (matches(name)) return [[name, app] as const];
    const units = Object.entries(app.units ?? {}).filter(([unit, value]) => {
      const inner = Object.entries(subordinatesOf(value));
      const onMachine = typeof value["machine"] === "string" && matches(value["machine"]);
      return matches(unit, value) || onMachine || inner.some(([sub, one]) => matches(sub, one));
    });
    return units.length > 0 ? [[name, { ...app, units: Object.fromEntries(units) }] as const] : [];
  });
  const applications = Object.fromEntries(kept);
  const units = new Set(kept.flatMap(([, app]) => Object.keys(app.units ?? {})));
  const left: ModelReport = {
    ...report,
    applications: Object.fromEntries(
      kept.map(([name, app]) => [name, { ...app, relations: between(app.relations, applications) }]),
    ),
    relations: (report.relations ?? []).filter(({ endpoints }) =>
      endpoints.every(([app]) => app in applications),
    ),
    storage: (report.storage ?? []).filter((item) => units.has((item as { unit: string }).unit)),
  };
  return { report: left, matched: kept.length > 0 };
}

function between(relations: Readonly<Record<string, readonly string[]>> | undefined, applications: object) {
  const entries = Object.entries(relations ?? {}).map(
    ([endpoint, others]) => [endpoint, others.filter((other) => other in applications)] as const,
  );
  return Object.fromEntries(entries.filter(([, others]) => others.length > 0));
}
