import type { HookRequest } from "../../hook/transport.ts";
import type { Divergence } from "./divergence.ts";
import type { ExchangeOf } from "./recording.ts";
import { revealedTexts, SecretBook } from "./secret-book.ts";

/** What the parts of one replay share. */
export class Stage {
  readonly divergences: Divergence[] = [];
  /** What this run keeps secret, with what stands for it in the recording. */
  readonly secrets = new SecretBook();
  readonly #given: readonly (readonly [string, string])[];

  readonly #revealed: string[];

  /**
   * @param revealed Of the recording.
   * @param given What to put in place of `redacted-1` and so on.
   */
  constructor(revealed: readonly string[], given: Readonly<Record<string, string>> = {}) {
    this.#revealed = [...revealed];
    this.#given = Object.entries(given).sort(([a], [b]) => b.length - a.length);
    for (const [name, value] of this.#given) this.secrets.add(value, name);
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

  /** An answer with the given values in their places. */
  filled(bytes: Uint8Array): Uint8Array {
    if (this.#given.length === 0) return bytes;
    const text = Buffer.from(bytes).toString("latin1");
    const filled = this.#given.reduce(
      (all, [name, value]) => all.replace(new RegExp(`${name}(?!\\d)`, "g"), () => asJson(value)),
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

/** As it stands between quotes in JSON, in the bytes of UTF-8. */
function asJson(value: string): string {
  return Buffer.from(JSON.stringify(value).slice(1, -1)).toString("latin1");
}
