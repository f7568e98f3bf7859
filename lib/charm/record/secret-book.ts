/** Shorter values would blank out ordinary words; where they stand by themselves they are replaced all the same. */
const SHORTEST = 4;
/** Names of values that are secret wherever they stand. */
const TELLING =
  /(pass(word|wd|phrase)?|secret|token|private[-_]?key|api[-_]?key|credential|authorization|cookie)s?$/i;
/** Values that are no secrets whatever they are called: ids of Juju's secrets, switches, numbers, places. */
const PLAIN = /^(secret:.*|true|false|none|null|\d{1,6}|https?:\/\/[^@?]*)$/i;
/** What `apply` writes into a service's summary: a short hash of files, of which a short secret could be guessed. */
const FINGERPRINT = /\(files [0-9a-f]{16}\)/g;
const PLACEHOLDER = /^redacted-\d+$/;

/** Whether a name says that its value is secret. */
export const isTelling = (name: string): boolean => TELLING.test(name);

/** The texts in a value that left its `Sensitive`. */
export function revealedTexts(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (value instanceof Uint8Array) return [Buffer.from(value).toString("utf8")];
  if (typeof value === "object" && value !== null) return Object.values(value).flatMap(revealedTexts);
  return [];
}

/**
 * The secret values of one hook, each with what stands in its place in a recording: `redacted-1`, `redacted-2`, …
 *
 * Found again also inside JSON text, JSON text in JSON text, base64 (whole, or inside what was encoded with it), URLs, and line by
 * line where a value has several.
 */
export class SecretBook {
  readonly #names = new Map<string, string>();
  #patterns: readonly (readonly [string, string])[] | undefined;

  /** Whether a value needs no name any more. */
  has(value: string): boolean {
    return value === "" || PLACEHOLDER.test(value) || this.#names.has(value);
  }

  /** Every value with what stands for it. */
  entries(): IterableIterator<[string, string]> {
    return this.#names.entries();
  }

  /** Remembers a value, and gives what stands for it. */
  add(value: string, name = `redacted-${this.#names.size + 1}`): string {
    const known = this.#names.get(value);
    if (known !== undefined) return known;
    // What already stands for a value is none: the replay of a recording reads it as one.
    if (this.has(value)) return value;
    this.#names.set(value, name);
    this.#patterns = undefined;
    return name;
  }

  /** Remembers the values of a JSON object whose names say that they are secret. */
  addTelling(json: unknown): void {
    if (typeof json !== "object" || json === null) return;
    for (const [key, value] of Object.entries(json)) {
      if (typeof value === "string" && isTelling(key) && value.length >= SHORTEST && !PLAIN.test(value))
        this.add(value);
      else this.addTelling(value);
    }
  }

  /** Remembers every text in a JSON value. */
  addAll(json: unknown): void {
    if (typeof json === "string" && json.length >= SHORTEST) this.add(json);
    else if (typeof json === "object" && json !== null) Object.values(json).forEach(this.addAll, this);
  }

  /** The text with every value replaced, longest first so that none leaves a remainder. */
  clean(text: string): string {
    const whole = this.#names.get(text);
    if (whole !== undefined) return whole;
    this.#patterns ??= this.#makePatterns();
    const cleaned = this.#patterns.reduce((rest, [value, name]) => rest.replaceAll(value, name), text);
    return cleaned.replace(FINGERPRINT, "(files redacted)");
  }

  /** Whether any value is still in the text, however it is broken into lines. */
  leaksInto(text: string): boolean {
    this.#patterns ??= this.#makePatterns();
    const packed = text.replace(/(\\+n|\s)+/g, "");
    return this.#patterns.some(
      ([value, name]) =>
        name !== value &&
        value.length >= SHORTEST &&
        (text.includes(value) || (value.length >= 12 && packed.includes(value.replace(/\s+/g, "")))),
    );
  }

  #makePatterns(): (readonly [string, string])[] {
    const found = new Map<string, string>();
    for (const [value, name] of this.#names) {
      if (value.length < SHORTEST) continue;
      for (const [form, stands] of formsOf(value, name)) if (!found.has(form)) found.set(form, stands);
    }
    return [...found].sort(([a], [b]) => b.length - a.length);
  }
}

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);

/** Every form of a value that is looked for, with what stands for it. */
function* formsOf(value: string, name: string): Generator<readonly [string, string]> {
  yield [value, name];
  const once = inJson(value);
  yield [once, name];
  yield [inJson(once), name];
  yield [encodeURIComponent(value), name];
  yield [Buffer.from(value, "utf8").toString("latin1"), name];
  if (value.length >= 8) yield* inBase64(value, name);
  // YAML writes each line by itself, with spaces before it.
  const lines = value.split(/\r?\n/).filter((line) => line.length >= 8);
  if (lines.length > 1 || lines[0]?.length !== value.length) for (const line of lines) yield [line, name];
}

/** By itself, and at each of the three places that it can have in what is encoded around it. */
function* inBase64(value: string, name: string): Generator<readonly [string, string]> {
  const bytes = Buffer.from(value);
  for (const encoding of ["base64", "base64url"] as const) {
    yield [bytes.toString(encoding), Buffer.from(name).toString(encoding)];
    for (const before of [0, 1, 2]) {
      const text = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64url");
      const inner = text.slice(before === 0 ? 0 : before + 1, -3);
      const form = encoding === "base64" ? inner.replaceAll("-", "+").replaceAll("_", "/") : inner;
      if (form.length >= 8) yield [form, name];
    }
  }
}
