import { perObject } from "../per-object.ts";
import type { HookWorld } from "../world.ts";
import { OperationError } from "./errors.ts";
import { compareText, parseInteger, quote } from "./go/text.ts";
import { unitTag } from "./names.ts";

/** A range of ports; `icmp` has none and carries -1. */
export interface PortRange {
  readonly protocol: string;
  readonly from: number;
  readonly to: number;
}

/** A port range in a commit. */
export interface PortChange {
  readonly tag: string;
  readonly protocol: string;
  readonly "from-port": number;
  readonly "to-port": number;
  /** Empty text: all endpoints. */
  readonly endpoint: string;
}

/** Thrown for a text that is no port range; the message is Juju's. */
export class PortRangeError extends Error {
  override name = "PortRangeError";
}

/** Reads `80`, `80/tcp`, `80-90/udp` or `icmp`. */
export function parsePortRange(text: string): PortRange {
  const known = text.toLowerCase();
  const slash = known.indexOf("/");
  const ports = slash < 0 ? known : known.slice(0, slash);
  const protocol = slash < 0 ? "tcp" : known.slice(slash + 1);
  if (ports === "icmp") return { protocol: "icmp", from: -1, to: -1 };
  const [first = "", last = first, ...surplus] = ports.split("-");
  if (surplus.length > 0) throw new PortRangeError(`invalid port range ${quote(ports)}`);
  if (protocol === "icmp") {
    throw new PortRangeError(`protocol "icmp" doesn't support any ports; got ${quote(ports)}`);
  }
  const range = { protocol, from: parsePort(first), to: parsePort(last) };
  checkRange(range);
  return range;
}

function parsePort(text: string): number {
  const parsed = parseInteger(text, "Atoi");
  if ("error" in parsed) throw new PortRangeError(`invalid port ${quote(text)}: ${parsed.error}`);
  return parsed.value;
}

function checkRange(range: PortRange): void {
  if (range.protocol !== "tcp" && range.protocol !== "udp") {
    throw new PortRangeError(`invalid protocol ${quote(range.protocol)}, expected "tcp", "udp", or "icmp"`);
  }
  if (range.from > range.to) throw new PortRangeError(`invalid port range ${formatRange(range)}`);
  if (range.from < 0 || range.to > 65535) {
    throw new PortRangeError(`port range bounds must be between 0 and 65535, got ${range.from}-${range.to}`);
  }
}

/** `80/tcp`, `80-90/udp`, `icmp`. */
export function formatRange(range: PortRange): string {
  if (range.protocol === "icmp") return "icmp";
  const ports = range.from === range.to ? `${range.from}` : `${range.from}-${range.to}`;
  return `${ports}/${range.protocol}`;
}

function same(a: PortRange, b: PortRange): boolean {
  return a.protocol === b.protocol && a.from === b.from && a.to === b.to;
}

function overlaps(a: PortRange, b: PortRange): boolean {
  return a.protocol === b.protocol && a.to >= b.from && b.to >= a.from;
}

/** Endpoint → ranges. */
type Grouped = Map<string, readonly PortRange[]>;

const NONE: Grouped = new Map();

/** Lists of ports are replaced and never written into. */
const rangesIn = perObject((texts: readonly string[]): readonly PortRange[] => texts.map(parsePortRange));

type Conflict = "none" | "same" | { readonly text: string };

/** Open ports of the units here, and what this hook opens and closes. */
export class Ports {
  readonly #unit: string;
  readonly #kubernetes: boolean;
  readonly #given: NonNullable<HookWorld["ports"]>;
  #read: Map<string, Grouped> | undefined;
  readonly #open: Grouped = new Map();
  readonly #close: Grouped = new Map();

  constructor(world: HookWorld) {
    this.#unit = world.unit;
    this.#kubernetes = world.model.type === "caas";
    this.#given = world.ports ?? {};
  }

  /** Read when somebody asks: most hooks do not. */
  get #known(): ReadonlyMap<string, Grouped> {
    if (this.#read !== undefined) return this.#read;
    this.#read = new Map();
    for (const [unit, endpoints] of Object.entries(this.#given)) {
      const grouped = Object.entries(endpoints).map(
        ([endpoint, ranges]) => [endpoint, rangesIn(ranges)] as const,
      );
      this.#read.set(unit, new Map(grouped));
    }
    return this.#read;
  }

  open(endpoint: string, range: PortRange): void {
    this.#checkSingle(range);
    remove(this.#close, endpoint, range);
    const clash = this.#firstConflict(endpoint, range, this.#open);
    if (clash === "same") return;
    if (clash !== "none") throw new OperationError(this.#refusal("open", range, clash.text));
    const own = this.#known.get(this.#unit)?.get(endpoint) ?? [];
    if (this.#kubernetes && own.some((other) => same(other, range))) return;
    add(this.#open, endpoint, range);
  }

  close(endpoint: string, range: PortRange): void {
    this.#checkSingle(range);
    remove(this.#open, endpoint, range);
    const pending = this.#conflict(endpoint, range, this.#unit, this.#close, " requested earlier");
    if (pending === "same") return;
    if (pending !== "none") throw new OperationError(this.#refusal("close", range, pending.text));
    for (const [unit, grouped] of this.#machineRanges()) {
      const clash = this.#conflict(endpoint, range, unit, grouped, "");
      if (typeof clash === "object") throw new OperationError(this.#refusal("close", range, clash.text));
    }
    if (this.#known.size > 0) add(this.#close, endpoint, range);
  }

  /** What is open for this unit, this hook's changes included: range → endpoints. */
  opened(): readonly { readonly range: PortRange; readonly endpoints: readonly string[] }[] {
    const known = this.#known.get(this.#unit) ?? NONE;
    if (this.#open.size === 0 && this.#close.size === 0) return byRange(known);
    const grouped: Grouped = new Map();
    for (const source of [known, this.#open]) {
      for (const [endpoint, range] of entries(source)) {
        if (!(grouped.get(endpoint) ?? []).some((other) => same(other, range))) add(grouped, endpoint, range);
      }
    }
    for (const [endpoint, range] of entries(this.#close)) remove(grouped, endpoint, range);
    return byRange(grouped);
  }

  changes(): { readonly open: readonly PortChange[]; readonly close: readonly PortChange[] } {
    return { open: this.#list(this.#open), close: this.#list(this.#close) };
  }

  #list(grouped: Grouped): PortChange[] {
    if (grouped.size === 0) return [];
    const sorted = [...entries(grouped)].sort(([a, x], [b, y]) => compareText(a, b) || compareRanges(x, y));
    return sorted.map(([endpoint, range]) => ({
      tag: unitTag(this.#unit),
      protocol: range.protocol,
      "from-port": range.from,
      "to-port": range.to,
      endpoint,
    }));
  }

  #machineRanges(): ReadonlyMap<string, Grouped> {
    return this.#kubernetes ? new Map() : this.#known;
  }

  #firstConflict(endpoint: string, range: PortRange, pending: Grouped): Conflict {
    const own = this.#conflict(endpoint, range, this.#unit, pending, " requested earlier");
    if (own !== "none") return own;
    for (const [unit, grouped] of this.#machineRanges()) {
      const clash = this.#conflict(endpoint, range, unit, grouped, "");
      if (clash !== "none") return clash;
    }
    return "none";
  }

  #conflict(endpoint: string, range: PortRange, unit: string, grouped: Grouped, detail: string): Conflict {
    for (const [otherEndpoint, other] of entries(grouped)) {
      if (!overlaps(range, other)) continue;
      if (unit === this.#unit && same(range, other)) {
        if (otherEndpoint === endpoint) return "same";
        continue;
      }
      return { text: `port range conflicts with ${formatRange(other)} (unit ${quote(unit)})${detail}` };
    }
    return "none";
  }

  #refusal(verb: string, range: PortRange, why: string): string {
    return `cannot ${verb} ${formatRange(range)} (unit ${quote(this.#unit)}): ${why}`;
  }

  #checkSingle(range: PortRange): void {
    if (!this.#kubernetes || range.from === range.to) return;
    throw new OperationError(
      "port ranges are not supported for k8s applications, please specify a single port",
    );
  }
}

function* entries(grouped: Grouped): Generator<readonly [string, PortRange]> {
  for (const [endpoint, ranges] of grouped) for (const range of ranges) yield [endpoint, range];
}

function add(grouped: Grouped, endpoint: string, range: PortRange): void {
  grouped.set(endpoint, [...(grouped.get(endpoint) ?? []), range]);
}

function remove(grouped: Grouped, endpoint: string, range: PortRange): void {
  const ranges = grouped.get(endpoint) ?? [];
  const at = ranges.findIndex((other) => same(other, range));
  if (at >= 0) grouped.set(endpoint, ranges.toSpliced(at, 1));
}

function byRange(grouped: Grouped) {
  const found = new Map<string, { range: PortRange; endpoints: string[] }>();
  for (const [endpoint, range] of entries(grouped)) {
    const entry = found.get(formatRange(range)) ?? { range, endpoints: [] };
    entry.endpoints.push(endpoint);
    found.set(formatRange(range), entry);
  }
  const list = [...found.values()].sort((a, b) => compareRanges(a.range, b.range));
  return list.map(({ range, endpoints }) => ({ range, endpoints: endpoints.sort(compareText) }));
}

function compareRanges(a: PortRange, b: PortRange): number {
  return compareText(a.protocol, b.protocol) || a.from - b.from || a.to - b.to;
}
