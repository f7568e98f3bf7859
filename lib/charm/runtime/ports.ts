import type { OpenedPort, PortRange } from "../../hook/commands/ports.ts";
import type { HookCommands } from "../../hook/hook-commands.ts";
import type { Port, WantedPort } from "../context.ts";
import { type CharmContract, endpointsOf } from "../contract.ts";

/** Ports as they should be: range → endpoints, none meaning all. */
export type WantedPorts = ReadonlyMap<string, readonly string[]>;

/**
 * Reads what a charm wants open.
 *
 * @throws {RangeError} For a number that is no port.
 */
export function wantedPorts(ports: readonly WantedPort[]): WantedPorts {
  const wanted = new Map<string, readonly string[]>();
  for (const entry of ports) {
    const { port, endpoints } = typeof entry === "object" ? entry : { port: entry, endpoints: [] };
    const spec = specText(port);
    const before = wanted.get(spec);
    const all = endpoints.length === 0 || before?.length === 0;
    wanted.set(spec, all ? [] : [...new Set([...(before ?? []), ...endpoints])].sort());
  }
  return wanted;
}

function specText(port: Port): string {
  const text = typeof port === "number" ? `${port}/tcp` : port;
  const range = rangeOf(text);
  if (range.protocol === "icmp") return "icmp";
  const { from, to = from } = range;
  const valid = [from, to].every((one) => Number.isInteger(one) && one >= 0 && one <= 65_535) && from <= to;
  if (!valid) throw new RangeError(`Cannot open port "${text}": must be a port, or a range, from 0 to 65535`);
  return `${from === to ? from : `${from}-${to}`}/${range.protocol}`;
}

/** `8080/tcp`, `8000-8010/udp`, `icmp`. */
function rangeOf(spec: string): PortRange {
  if (spec === "icmp") return { protocol: "icmp" };
  const [ports = "", protocol] = spec.split("/");
  const [from, to = from] = ports.split("-").map(Number);
  return { from: from ?? Number.NaN, to: to ?? Number.NaN, protocol: protocol === "udp" ? "udp" : "tcp" };
}

function textOf({ protocol, from, to }: OpenedPort): string {
  return protocol === "icmp" ? "icmp" : `${from === to ? from : `${from}-${to}`}/${protocol}`;
}

/**
 * Opens and closes until exactly the wanted ports are open.
 *
 * Closing for some endpoints what is open for all leaves it open for the others: that is Juju's own rule.
 */
export async function sendPorts(
  juju: HookCommands,
  wanted: WantedPorts,
  contract: CharmContract,
): Promise<void> {
  const all = () => endpointsOf(contract).map(([name]) => name);
  // For which endpoints is asked only where it matters: a charm that never names one has opened for all.
  const named = [...wanted.values()].some((names) => names.length > 0);
  const now = new Map<string, readonly string[]>();
  if (named) for (const one of await juju.openedPortsByEndpoint()) now.set(textOf(one), one.endpoints);
  else for (const one of await juju.openedPorts()) now.set(textOf(one), []);
  // Closed first: a range may overlap one that goes.
  for (const [spec, open] of now) {
    const want = wanted.get(spec);
    if (want === undefined) await juju.closePort(rangeOf(spec));
    else if (want.length > 0) await closeOthers(juju, spec, want, open.length > 0 ? open : all());
  }
  for (const [spec, want] of wanted) {
    const open = now.get(spec);
    if (open?.length === 0) continue; // Open for all of them already.
    const missing = open === undefined ? want : want.filter((name) => !open.includes(name));
    if (want.length === 0) await juju.openPort(rangeOf(spec));
    else if (missing.length > 0) await juju.openPort(rangeOf(spec), { endpoints: missing });
  }
}

async function closeOthers(
  juju: HookCommands,
  spec: string,
  want: readonly string[],
  open: readonly string[],
): Promise<void> {
  const others = open.filter((name) => !want.includes(name));
  if (others.length > 0) await juju.closePort(rangeOf(spec), { endpoints: others });
}
