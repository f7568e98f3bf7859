/** Everything that is counted: oauth2-proxy's families under its names, and ours. */
import { VERSION } from "../version.ts";
import { Counter, exposition, type Family, Histogram, single } from "./families.ts";
import { processFamilies } from "./process.ts";

/** Methods as oauth2-proxy names them; every other is `unknown`. */
const METHODS: ReadonlyMap<string, string> = new Map(
  ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE", "NOTIFY"].map((method) => [
    method,
    method.toLowerCase(),
  ]),
);

/** Scrapes of the metrics themselves, as Go's Prometheus client counts them. */
const SCRAPES = "promhttp_metric_handler_requests";

/** Counts, and tells what it counted. */
export class Metrics {
  /** Requests by status code. */
  readonly #codes = new Float64Array(1000);
  #inFlight = 0;
  #scraping = 0;
  #scrapes = 0;
  readonly #durations = new Histogram(
    "oauth2_proxy_response_duration_seconds",
    "A histogram of request latencies.",
    ["method"],
  );
  readonly #decisions = new Counter("charmed_iap_decisions_total", "Decisions by kind and reason.", [
    "decision",
    "reason",
  ]);
  readonly #events = new Counter("charmed_iap_events_total", "Sign-ins, sign-outs, refreshes and reloads.", [
    "event",
    "result",
  ]);
  readonly #failures = new Counter("charmed_iap_sign_in_failures_total", "Sign-ins that failed, by reason.", [
    "reason",
  ]);
  readonly #cache = new Counter(
    "charmed_iap_decision_cache_total",
    "Decision requests by whether the cache knew the answer.",
    ["result"],
  );
  readonly #provider = new Histogram(
    "charmed_iap_provider_request_duration_seconds",
    "Time that providers take to answer.",
    ["provider", "result"],
  );
  readonly #store = new Histogram(
    "charmed_iap_store_request_duration_seconds",
    "Time that the session store takes to answer.",
    ["store", "result"],
  );
  readonly #families: readonly Family[];

  /** @param dropped Log lines that were lost so far. */
  constructor(dropped: () => number = () => 0) {
    this.#families = [
      { name: "oauth2_proxy_requests_total", lines: () => this.#codeLines() },
      single(
        "oauth2_proxy_requests_in_flight",
        "Current number of requests being served.",
        "gauge",
        () => this.#inFlight,
      ),
      this.#durations,
      single(
        `${SCRAPES}_in_flight`,
        "Current number of scrapes being served.",
        "gauge",
        () => this.#scraping,
      ),
      { name: `${SCRAPES}_total`, lines: () => this.#scrapeLines() },
      this.#decisions,
      this.#events,
      this.#failures,
      this.#cache,
      this.#provider,
      this.#store,
      single("charmed_iap_log_lines_dropped_total", "Log lines that nobody took.", "counter", dropped),
      {
        name: "charmed_iap_build_info",
        lines: () => [
          "# HELP charmed_iap_build_info Version of this program.",
          "# TYPE charmed_iap_build_info gauge",
          `charmed_iap_build_info{version="${VERSION}"} 1`,
        ],
      },
      ...processFamilies(),
    ];
  }

  /** A request came in. */
  begin(): void {
    this.#inFlight++;
  }

  /** A request was answered. @param seconds From the first byte of it to the answer. */
  end(method: string, code: number, seconds: number): void {
    this.#inFlight--;
    this.#codes[code] = (this.#codes[code] ?? 0) + 1;
    this.#durations.observe(seconds, METHODS.get(method) ?? "unknown");
  }

  /** A decision was made. @param reason From a closed set. */
  decision(kind: string, reason: string): void {
    this.#decisions.add(kind, reason);
  }

  /** A sign-in, sign-out, refresh or reload. @param event @param result From closed sets. */
  event(event: string, result: string): void {
    this.#events.add(event, result);
  }

  /** A sign-in failed. Also counts as event. */
  signInFailed(reason: string): void {
    this.#events.add("sign-in", "failure");
    this.#failures.add(/^[\w: .-]{1,80}$/.test(reason) ? reason : "other");
  }

  /** The decision cache knew the answer, or not. */
  cache(hit: boolean): void {
    this.#cache.add(hit ? "hit" : "miss");
  }

  /** A provider answered, or failed to. */
  providerAsked(provider: string, seconds: number, answered: boolean): void {
    this.#provider.observe(seconds, provider, answered ? "answer" : "failure");
  }

  /** The session store answered, or failed to. */
  storeAsked(store: string, seconds: number, answered: boolean): void {
    this.#store.observe(seconds, store, answered ? "answer" : "failure");
  }

  /** All series as text, for somebody who asks over HTTP. */
  scrape(): string {
    this.#scraping++;
    try {
      return exposition(this.#families);
    } finally {
      this.#scraping--;
      this.#scrapes++;
    }
  }

  /** As oauth2-proxy, a code is there once it was answered. */
  #codeLines(): string[] {
    const name = "oauth2_proxy_requests_total";
    const lines = Array.from(this.#codes, (count, code) =>
      count === 0 ? "" : `${name}{code="${code}"} ${count}`,
    );
    const series = lines.filter((line) => line !== "");
    if (series.length === 0) return [];
    return [
      `# HELP ${name} Total number of requests by HTTP status code.`,
      `# TYPE ${name} counter`,
      ...series,
    ];
  }

  #scrapeLines(): string[] {
    const name = `${SCRAPES}_total`;
    const counts = { 200: this.#scrapes, 500: 0, 503: 0 };
    return [
      `# HELP ${name} Total number of scrapes by HTTP status code.`,
      `# TYPE ${name} counter`,
      ...Object.entries(counts).map(([code, count]) => `${name}{code="${code}"} ${count}`),
    ];
  }
}
