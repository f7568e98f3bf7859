/**
 * Counters in the Prometheus text format, under oauth2-proxy's names where it has them.
 *
 * @see Prometheus: text-based exposition format
 */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Methods that get their own series; others count as `other`. */
const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** Counts of one method. */
interface Histogram {
  readonly counts: number[];
  sum: number;
  count: number;
}

function add(map: Map<string, number>, key: string): void {
  map.set(key, (map.get(key) ?? 0) + 1);
}

/** Everything that is counted. */
export class Metrics {
  readonly #codes = new Map<string, number>();
  readonly #decisions = new Map<string, number>();
  readonly #events = new Map<string, number>();
  readonly #durations = new Map<string, Histogram>();
  #inFlight = 0;

  /** A request came in. */
  begin(): void {
    this.#inFlight++;
  }

  /** A request was answered. @param seconds From the first byte of it to the answer. */
  end(method: string, code: number, seconds: number): void {
    this.#inFlight--;
    add(this.#codes, String(code));
    const name = METHODS.has(method) ? method : "other";
    const histogram = this.#durations.get(name) ?? { counts: BUCKETS.map(() => 0), sum: 0, count: 0 };
    this.#durations.set(name, histogram);
    const bucket = BUCKETS.findIndex((limit) => seconds <= limit);
    if (bucket !== -1) histogram.counts[bucket] = (histogram.counts[bucket] ?? 0) + 1;
    histogram.sum += seconds;
    histogram.count++;
  }

  /** A decision was made. @param reason From a closed set. */
  decision(kind: string, reason: string): void {
    add(this.#decisions, `decision="${kind}",reason="${reason}"`);
  }

  /** A sign-in, sign-out, refresh or reload. @param event @param result From closed sets. */
  event(event: string, result: string): void {
    add(this.#events, `event="${event}",result="${result}"`);
  }

  /** All series as text. */
  render(): string {
    const lines = [
      ...series(
        "oauth2_proxy_requests_total",
        "Requests by status code.",
        this.#codes,
        (code) => `code="${code}"`,
      ),
      ...series(
        "charmed_iap_decisions_total",
        "Decisions by kind and reason.",
        this.#decisions,
        (labels) => labels,
      ),
      ...series(
        "charmed_iap_events_total",
        "Sign-ins, sign-outs, refreshes and reloads.",
        this.#events,
        (labels) => labels,
      ),
      "# HELP oauth2_proxy_requests_in_flight Requests being answered.",
      "# TYPE oauth2_proxy_requests_in_flight gauge",
      `oauth2_proxy_requests_in_flight ${this.#inFlight}`,
      "# HELP oauth2_proxy_response_duration_seconds Time to answer, by method.",
      "# TYPE oauth2_proxy_response_duration_seconds histogram",
      ...Array.from(this.#durations, ([method, histogram]) => renderHistogram(method, histogram)).flat(),
      "# HELP process_resident_memory_bytes Resident memory.",
      "# TYPE process_resident_memory_bytes gauge",
      `process_resident_memory_bytes ${process.memoryUsage.rss()}`,
    ];
    return `${lines.join("\n")}\n`;
  }
}

function series(
  name: string,
  help: string,
  values: ReadonlyMap<string, number>,
  labels: (key: string) => string,
): string[] {
  const lines = Array.from(values, ([key, value]) => `${name}{${labels(key)}} ${value}`).sort();
  return [`# HELP ${name} ${help}`, `# TYPE ${name} counter`, ...lines];
}

function renderHistogram(method: string, { counts, sum, count }: Histogram): string[] {
  const name = "oauth2_proxy_response_duration_seconds";
  let total = 0;
  const buckets = counts.map((value, index) => {
    total += value;
    return `${name}_bucket{method="${method}",le="${BUCKETS[index]}"} ${total}`;
  });
  const label = `{method="${method}"}`;
  return [
    ...buckets,
    `${name}_bucket{method="${method}",le="+Inf"} ${count}`,
    `${name}_sum${label} ${sum}`,
    `${name}_count${label} ${count}`,
  ];
}
