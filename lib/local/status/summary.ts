import type { ModelReport, UnitReport } from "../../model/status.ts";
import { subordinatesOf } from "./formatted.ts";
import { naturally } from "./natural-order.ts";
import type { MachineReport, SaasReport } from "./shapes.ts";
import { table } from "./table.ts";

/** Units of all applications, each followed by those that live with it. */
function allUnits(report: ModelReport): UnitReport[] {
  return naturally(report.applications ?? {})
    .flatMap(([, app]) => naturally(app.units))
    .flatMap(([, unit]) => [unit, ...naturally(subordinatesOf(unit)).map(([, one]) => one)]);
}

/** `10.0.0.0/8` as Go's default mask of an IPv4 address says; an unknown address is `<nil>`. */
function classful(address: string): { text: string; net: string } {
  const parts = address.split(".").map(Number);
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255)))
    return { text: "<nil>", net: "<nil>" };
  const bytes = (parts[0] ?? 0) < 128 ? 1 : (parts[0] ?? 0) < 192 ? 2 : 3;
  return { text: `${address}/${bytes * 8}`, net: parts.slice(0, bytes).join(".") };
}

function subnets(addresses: readonly string[]): string {
  const seen = new Map<string, string>();
  for (const { text, net } of addresses.map(classful)) if (!seen.has(net)) seen.set(net, text);
  return [...seen.values()].join(", ");
}

/** Ports in rows of three by their text, then grouped by protocol: Juju breaks lines before it groups. */
function portList(ports: readonly string[]): string {
  const groups = new Map<string, { from: number; text: string }[]>();
  const others: string[] = [];
  [...new Set(ports)].sort().forEach((port, at) => {
    const lead = at > 0 && at % 3 === 0 ? "\n\t" : "";
    const [, range = "", protocol = ""] = /^([\d-]+)\/(\w+)$/.exec(port) ?? [];
    if (protocol === "") others.push(`${lead}${port}`);
    else
      groups.set(protocol, [
        ...(groups.get(protocol) ?? []),
        { from: Number.parseInt(range, 10), text: `${lead}${range}` },
      ]);
  });
  const grouped = [...groups].map(([protocol, ranges]) => {
    const sorted = ranges.sort((a, b) => a.from - b.from).map(({ text }) => text);
    return `${sorted.join(",")}/${protocol}`;
  });
  return [...grouped, ...others].join(" ");
}

function counts(states: readonly string[]): string[][] {
  const names = [...new Set(states)].sort();
  return names.map((name) => [`${name}:`, ` ${states.filter((state) => state === name).length} `]);
}

/** Aligns cells at the right, two spaces before each; lines of one cell end the columns after the first. */
function rightAligned(rows: readonly (readonly string[])[]): string {
  const first = Math.max(...rows.map(([cell = ""]) => cell.length));
  const lines: string[] = [];
  for (let start = 0; start < rows.length; ) {
    let end = start;
    while (end < rows.length && (rows[end]?.length ?? 0) > 1) end += 1;
    const block = rows.slice(start, Math.max(end, start + 1));
    const width = (column: number) => Math.max(0, ...block.map((row) => row[column]?.length ?? 0));
    for (const row of block) {
      lines.push(
        row.map((cell, column) => `  ${cell.padStart(column === 0 ? first : width(column))}`).join(""),
      );
    }
    start += block.length;
  }
  return lines.map((line) => `${line}\n`).join("");
}

/** Counts of machines, units and applications, as `--format summary` prints them. */
export function summaryStatus(report: ModelReport): string {
  const machines = naturally(report["machines"] as Readonly<Record<string, MachineReport>> | undefined);
  const saas = naturally(report["saas"] as Readonly<Record<string, SaasReport>> | undefined);
  const units = allUnits(report);
  const addresses = [
    ...machines.map(([, { dns }]) => dns ?? ""),
    ...units.map((unit) => String(unit["public"] ?? "")),
  ];
  const [ports = "", ...more] = portList(units.flatMap(({ ports: open }) => open ?? [])).split("\n\t");
  const apps = naturally(report.applications ?? {});
  const head = [
    ["Running on subnets:", subnets(addresses), ""],
    [" Utilizing ports:", ...(more.length > 0 ? [ports] : [ports, ""])],
    ...more.map((line, at) => ["", line, ...(at === more.length - 1 ? [""] : [])]),
  ];
  const body = [
    ["# Machines:", `(${machines.length})`],
    ...counts(machines.map(([, { agent }]) => agent.status || "pending")),
    [" "],
    ["# Units:", `(${units.length})`],
    ...counts(units.map(({ workload }) => workload.status)),
    [" "],
    ["# Applications:", `(${apps.length})`],
    ...apps.map(([name, { exposed }]) => [name, exposed ? "1/1" : "0/1", "exposed"]),
    [" "],
    ["# Remote:", `(${saas.length})`],
    ...saas.map(([name, { url }]) => [name, "", url]),
  ];
  return table(head) + rightAligned(body);
}
