import type { HookRequest } from "../../hook/transport.ts";
import type { Divergence } from "./divergence.ts";
import type { ExchangeOf } from "./recording.ts";
import { revealedTexts, SecretBook } from "./secret-book.ts";

/** What the parts of one replay share. */
export class Stage {
  readonly divergences: Divergence[] = [];
  /** Lines for Juju's log, each with its level. */
  readonly logs: string[] = [];
  /** What this run keeps secret, with what stands for it in the recording. */
  readonly secrets = new SecretBook();

  readonly #revealed: string[];

  /**
   * @param revealed Of the recording.
   * @param given What to put in place of `redacted-1` and so on.
   */
  constructor(revealed: readonly string[], given: Readonly<Record<string, string>> = {}) {
    this.#revealed = [...revealed];
    for (const [name, value] of Object.entries(given)) this.secrets.add(value, name);
  }

  readonly diverged = (divergence: Divergence): void => {
    this.divergences.push(divergence);
  };

  /** A value that the charm reveals and has not read stands for the one that it revealed then in its turn. */
  readonly reveal = (value: unknown): void => {
    for (const text of revealedTexts(value)) {
      if (!this.secrets.has(text)) this.secrets.add(text, this.#revealed.shift());
    }
  };

  /**
   * An answer with what this run has in the place of `redacted-1` and so on: the given values, and those that the charm made.
   *
   * @param form How a value is written in the answer.
   */
  filled(bytes: Uint8Array, form: "json" | "raw"): Uint8Array {
    const known = [...this.secrets.entries()].filter(([value, name]) => value !== name);
    if (known.length === 0) return bytes;
    const text = Buffer.from(bytes).toString("latin1");
    const filled = known.reduce(
      (all, [value, name]) => all.replace(new RegExp(`${name}(?!\\d)`, "g"), () => written(value, form)),
      text,
    );
    return Buffer.from(filled, "latin1");
  }

  /** A secret that the charm makes up anew stands for what it made up then: the first unpaired one of this command. */
  pairContent({ command, content }: HookRequest, recorded: readonly ExchangeOf<"hook">[]): void {
    if (content === undefined) return;
    const then = recorded.find(
      (one) => one.command === command && one.content !== undefined && !this.#paired.has(one),
    );
    if (then === undefined) return;
    this.#paired.add(then);
    for (const [key, value] of Object.entries(content)) {
      const name = then.content?.[key];
      if (name !== undefined) this.secrets.add(new TextDecoder().decode(value), name);
    }
  }
  readonly #paired = new Set<ExchangeOf<"hook">>();
}

/** In the bytes of UTF-8; in JSON as it stands between quotes. */
function written(value: string, form: "json" | "raw"): string {
  return Buffer.from(form === "raw" ? value : JSON.stringify(value).slice(1, -1)).toString("latin1");
}
