/**
 * Finds a provider when it is there and looks for it again while it is not. Once found it stays found: what it said is kept,
 * and asked for again now and then.
 */
import { type Metadata, type MetadataRules, metadataUrl, readMetadata } from "./metadata.ts";
import type { Outgoing } from "./outgoing.ts";
import { ProviderError, reasonOf } from "./provider.ts";

/** Milliseconds between attempts to find the provider: the first, and the longest. */
const FIRST_WAIT = 250;
const LONGEST_WAIT = 15_000;

/** Milliseconds after which what the provider said is asked for again. */
const RENEWAL = 3_600_000;

/** What the search needs. */
export interface DiscoveryOptions {
  readonly rules: MetadataRules;
  readonly outgoing: Outgoing;
  /** Why metadata that can be read will not do; undefined when it will. */
  readonly refuses: (metadata: Metadata) => string | undefined;
  readonly found: (metadata: Metadata) => void;
  readonly failed: (reason: string) => void;
}

/** The search for one provider. */
export class Discovery {
  readonly #options: DiscoveryOptions;
  #metadata: Metadata | undefined;
  #attempt: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #wait = FIRST_WAIT;
  #closed = false;

  constructor(options: DiscoveryOptions) {
    this.#options = options;
  }

  /** What the provider said last; undefined while it is not found. */
  get metadata(): Metadata | undefined {
    return this.#metadata;
  }

  /** Looks until the provider is found. Settles after the first attempt, whatever its result. */
  start(): Promise<void> {
    if (this.#closed || this.#metadata !== undefined) return Promise.resolve();
    return this.#look();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #look(): Promise<void> {
    clearTimeout(this.#timer);
    this.#attempt ??= this.#discover().finally(() => {
      this.#attempt = undefined;
    });
    return this.#attempt;
  }

  async #discover(): Promise<void> {
    const first = this.#metadata === undefined;
    try {
      this.#metadata = await this.#ask();
      this.#wait = FIRST_WAIT;
      if (first) this.#options.found(this.#metadata);
      this.#again(RENEWAL);
    } catch (error) {
      this.#options.failed(reasonOf(error));
      this.#again(first ? this.#wait : RENEWAL);
      this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
    }
  }

  #again(wait: number): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.#look(), wait).unref();
  }

  async #ask(): Promise<Metadata> {
    const { rules, outgoing, refuses } = this.#options;
    const answer = await outgoing.ask(metadataUrl(rules.issuer));
    if (answer.status !== 200) throw new ProviderError("outage", `status-${answer.status}`);
    const read = readMetadata(answer.text, rules);
    const fault = typeof read === "string" ? read : refuses(read);
    if (typeof read === "string" || fault !== undefined) throw new ProviderError("unusable", fault ?? "");
    return read;
  }
}
