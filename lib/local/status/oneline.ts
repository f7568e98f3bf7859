import type { ModelReport, UnitReport } from "../../model/status.ts";
import { subordinatesOf } from "./formatted.ts";
import { naturally } from "./natural-order.ts";
import { portsCell } from "./ports.ts";

function line(name: string, unit: UnitReport, indent: string): string {
  const address = String(unit["public"] ?? "");
  const ports = portsCell(unit.ports ?? []);
  const states = `(agent:${unit.agent.status}, workload:${unit.workload.status})`;
  return `${indent}- ${name}: ${address} ${states}${ports === "" ? "" : ` ${ports}`}\n`;
}

/** One line a unit, as `--format oneline`, `line` and `short` print it; only public addresses show. */
export function onelineStatus(report: ModelReport): string {
  const units = naturally(report.applications ?? {}).flatMap(([, app]) => naturally(app.units));
  return units
    .map(([name, unit]) => {
      const inner = naturally(subordinatesOf(unit)).map(([sub, one]) => line(sub, one, "  "));
      return [line(name, unit, ""), ...inner].join("");
    })
    .join("");
}
