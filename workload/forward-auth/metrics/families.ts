/**
 * Families of series, kept as plain numbers and made into text when somebody asks.
 *
 * @see Prometheus: text-based exposition format
 */

/** Something that becomes lines. */
export interface Family {
  readonly name: string;
  lines(): string[];
}

/** Label sets that one family keeps; what comes after counts as `other`, so that nobody can grow the memory. */
const MOST = 200;

const escaped = (value: string): string =>
  value.replace(/[\\"\n]/g, (character) => (character === "\n" ? "\\n" : `\\${character}`));

/** `{a="x",b="y"}`; empty without labels. */
function labelText(names: readonly string[], values: readonly string[]): string {
  const pairs = names.map((name, index) => `${name}="${escaped(values[index] ?? "")}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

const head = (name: string, help: string, type: string): string[] => [
  `# HELP ${name} ${help}`,
  `# TYPE ${name} ${type}`,
];

/** A number that is asked for. */
export function single(name: string, help: string, type: "gauge" | "counter", value: () => number): Family {
  return { name, lines: () => [...head(name, help, type), `${name} ${value()}`] };
}

/** Counts by one or two labels. Two labels are looked up one after the other: no text is put together for a count. */
export class Counter implements Family {
  readonly name: string;
  readonly #help: string;
  readonly #labels: readonly string[];
  readonly #counts = new Map<string, Map<string, number>>();
  #sets = 0;

  constructor(name: string, help: string, labels: readonly [string] | readonly [string, string]) {
    this.name = name;
    this.#help = help;
    this.#labels = labels;
  }

  add(first: string, second = "", by = 1): void {
    let row = this.#counts.get(first);
    if (row === undefined) {
      row = new Map();
      this.#counts.set(first, row);
    }
    const count = row.get(second);
    if (count !== undefined) row.set(second, count + by);
    else if (this.#sets++ < MOST || first === "other") row.set(second, by);
    else this.add("other", this.#labels.length === 2 ? "other" : "", by);
  }

  lines(): string[] {
    const series = Array.from(this.#counts, ([first, row]) =>
      Array.from(
        row,
        ([second, count]) => `${this.name}${labelText(this.#labels, [first, second])} ${count}`,
      ),
    ).flat();
    return series.length === 0 ? [] : [...head(this.name, this.#help, "counter"), ...series.sort()];
  }
}

/** oauth2-proxy's limits, in seconds. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

interface Distribution {
  /** By bucket, not cumulative; the last is what exceeds every limit. */
  readonly counts: Float64Array;
  sum: number;
}

function bucketOf(seconds: number): number {
  for (let index = 0; index < BUCKETS.length; index++)
    if (seconds <= (BUCKETS[index] as number)) return index;
  return BUCKETS.length;
}

/** Distributions of durations by labels. */
export class Histogram implements Family {
  readonly name: string;
  readonly #help: string;
  readonly #labels: readonly string[];
  readonly #known = new Map<string, Map<string, Distribution>>();
  #sets = 0;

  constructor(name: string, help: string, labels: readonly [string] | readonly [string, string]) {
    this.name = name;
    this.#help = help;
    this.#labels = labels;
  }

  observe(seconds: number, first: string, second = ""): void {
    const distribution = this.#known.get(first)?.get(second) ?? this.#create(first, second);
    const bucket = bucketOf(seconds);
    distribution.counts[bucket] = (distribution.counts[bucket] as number) + 1;
    distribution.sum += seconds;
  }

  #create(first: string, second: string): Distribution {
    const room = this.#sets++ < MOST;
    const [row, column] = room ? [first, second] : ["other", ""];
    const columns = this.#known.get(row) ?? new Map<string, Distribution>();
    this.#known.set(row, columns);
    const distribution = columns.get(column) ?? { counts: new Float64Array(BUCKETS.length + 1), sum: 0 };
    columns.set(column, distribution);
    return distribution;
  }

  lines(): string[] {
    const series = Array.from(this.#known, ([first, columns]) =>
      Array.from(columns, ([second, distribution]) => this.#series([first, second], distribution)),
    ).flat(2);
    return series.length === 0 ? [] : [...head(this.name, this.#help, "histogram"), ...series];
  }

  #series(values: readonly string[], { counts, sum }: Distribution): string[] {
    let total = 0;
    const limits = [...BUCKETS.map(String), "+Inf"];
    const buckets = limits.map((limit, index) => {
      total += counts[index] ?? 0;
      return `${this.name}_bucket${labelText([...this.#labels, "le"], [...values.slice(0, this.#labels.length), limit])} ${total}`;
    });
    const labels = labelText(this.#labels, values);
    return [...buckets, `${this.name}_sum${labels} ${sum}`, `${this.name}_count${labels} ${total}`];
  }
}

/** All families as text, by name. */
export function exposition(families: readonly Family[]): string {
  const sorted = families.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return `${sorted.flatMap((family) => family.lines()).join("\n")}\n`;
}
