import { runJson, runText } from "../run.ts";
import { texts } from "../shapes.ts";
import type { HookTransport } from "../transport.ts";

/** Ports of one protocol; `icmp` has none. On Kubernetes ranges and `icmp` are not allowed. */
export type PortRange =
  | { readonly protocol: "icmp" }
  | {
      /** Default: `tcp`. */
      readonly protocol?: "tcp" | "udp";
      readonly from: number;
      /** Default: `from`. */
      readonly to?: number;
    };

/** A range as Juju writes it. */
export interface OpenedPort {
  readonly protocol: "tcp" | "udp" | "icmp";
  /** 0 for `icmp`, as is `to`. */
  readonly from: number;
  readonly to: number;
}

/** A range and the endpoints it is open for. */
export interface OpenedForEndpoints extends OpenedPort {
  /** Sorted; empty: all. */
  readonly endpoints: readonly string[];
}

/** Which endpoints a port is opened for. */
export interface PortOptions {
  /** Endpoints that the ports belong to. Default: all. */
  readonly endpoints?: readonly string[];
}

/**
 * Opens ports when the hook succeeds; opening what is open is no error.
 *
 * @throws {HookCommandError} `conflict` when another unit of the machine has one of them; `usage`
 * @see Juju: open-port
 */
export async function openPort(
  transport: HookTransport,
  range: PortRange,
  options: PortOptions = {},
): Promise<void> {
  await runText(transport, "open-port", portArgs(range, options));
}

/** Closes ports when the hook succeeds; closing what is closed is no error. See Juju: close-port. */
export async function closePort(
  transport: HookTransport,
  range: PortRange,
  options: PortOptions = {},
): Promise<void> {
  await runText(transport, "close-port", portArgs(range, options));
}

function portArgs(range: PortRange, { endpoints }: PortOptions): string[] {
  return [...(endpoints ? ["--endpoints", endpoints.join(",")] : []), spelled(range)];
}

function spelled(range: PortRange): string {
  if (range.protocol === "icmp") return "icmp";
  const { from, to = from, protocol = "tcp" } = range;
  return `${from === to ? from : `${from}-${to}`}/${protocol}`;
}

/** Ports that this unit has open, with the changes of this hook. See Juju: opened-ports. */
export function openedPorts(transport: HookTransport): Promise<readonly OpenedPort[]> {
  return runJson(transport, "opened-ports", [], {
    expected: "a list of port ranges",
    read(json) {
      const ranges = texts.read(json)?.map(parsePort);
      return ranges?.every((range) => range !== undefined) ? ranges : undefined;
    },
  });
}

/** Ports that this unit has open, and for which endpoints. See Juju: opened-ports --endpoints. */
export function openedPortsByEndpoint(transport: HookTransport): Promise<readonly OpenedForEndpoints[]> {
  return runJson(transport, "opened-ports", ["--endpoints"], {
    expected: "a list of port ranges with endpoints",
    read(json) {
      const ranges = texts.read(json)?.map(parseForEndpoints);
      return ranges?.every((range) => range !== undefined) ? ranges : undefined;
    },
  });
}

/** `80/tcp (*)`, `81/tcp (db, web)`. */
function parseForEndpoints(text: string): OpenedForEndpoints | undefined {
  const match = /^(\S+) \((.*)\)$/.exec(text);
  const range = match?.[1] === undefined ? undefined : parsePort(match[1]);
  if (range === undefined) return undefined;
  const names = match?.[2]?.split(", ") ?? [];
  return { ...range, endpoints: names.includes("*") ? [] : names };
}

function parsePort(spec: string): OpenedPort | undefined {
  if (spec === "icmp") return { protocol: "icmp", from: 0, to: 0 };
  const match = /^(\d+)(?:-(\d+))?\/(tcp|udp)$/.exec(spec);
  if (match === null) return undefined;
  const from = Number(match[1]);
  return { protocol: match[3] as "tcp" | "udp", from, to: Number(match[2] ?? from) };
}
