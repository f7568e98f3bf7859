/**
 * One hook as it happened: what it was told, what it asked, and what it was answered.
 *
 * A recording is a JSON file. Values of secrets are not in it: `redacted-1` and so on stand in their places, the same one
 * wherever a value occurred, so that a replay can compare.
 *
 * @module
 */
import * as v from "valibot";

/** The `format` of a recording; another one cannot be read. */
export const FORMAT = "charmed-iap-recording/1";

/** Bytes: text where they are UTF-8, else base64. `truncated` says how many bytes there were. */
const bytes = v.union([
  v.string(),
  v.strictObject({ base64: v.pipe(v.string(), v.base64()) }),
  v.strictObject({ truncated: v.pipe(v.number(), v.integer(), v.minValue(0)) }),
]);

const at = v.pipe(v.number(), v.minValue(0));
const texts = v.record(v.string(), v.string());
const status = v.pipe(v.number(), v.integer());

const hookExchange = v.strictObject({
  kind: v.literal("hook"),
  /** Milliseconds from the start of the hook to the answer. */
  at,
  command: v.string(),
  args: v.array(v.string()),
  stdin: v.optional(bytes),
  /** Secret content that was sent, by key; what stood in place of each value. */
  content: v.optional(texts),
  exitCode: v.pipe(v.number(), v.integer()),
  stdout: bytes,
  stderr: bytes,
});

const pebbleExchange = v.strictObject({
  kind: v.literal("pebble"),
  at,
  container: v.string(),
  method: v.picklist(["GET", "POST", "DELETE"]),
  path: v.string(),
  headers: texts,
  body: v.optional(bytes),
  /** Absent when nothing answered. */
  answer: v.optional(v.strictObject({ status, headers: texts, body: bytes })),
});

const websocketExchange = v.strictObject({
  kind: v.literal("websocket"),
  at,
  container: v.string(),
  path: v.string(),
  sent: v.array(bytes),
  received: v.array(v.strictObject({ text: v.boolean(), data: bytes })),
});

const httpExchange = v.strictObject({
  kind: v.literal("http"),
  at,
  method: v.string(),
  url: v.string(),
  body: v.optional(bytes),
  answer: v.optional(v.strictObject({ status, headers: texts, body: bytes })),
});

const kubernetesExchange = v.strictObject({
  kind: v.literal("kubernetes"),
  at,
  method: v.picklist(["GET", "POST", "PATCH", "PUT", "DELETE"]),
  path: v.string(),
  body: v.optional(v.unknown()),
  /** The decoded answer, or what was refused; `status` 0: nothing answered. */
  answer: v.variant("outcome", [
    v.strictObject({ outcome: v.literal("ok"), value: v.optional(v.unknown()) }),
    v.strictObject({ outcome: v.literal("refused"), status, code: v.string(), message: v.string() }),
  ]),
});

const exchange = v.variant("kind", [
  hookExchange,
  pebbleExchange,
  websocketExchange,
  httpExchange,
  kubernetesExchange,
]);

const recording = v.strictObject({
  format: v.literal(FORMAT),
  charm: v.string(),
  /** When the hook began, milliseconds since the epoch; what the charm's clock says in a replay. */
  started: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(8.64e15)),
  /** How long it took, in milliseconds. */
  took: at,
  /** Namespace that the Kubernetes client had; absent when it was not used. */
  namespace: v.optional(v.string()),
  /** What stands for the values that the charm revealed and had not read, in that order. */
  revealed: v.array(v.string()),
  env: texts,
  exchanges: v.array(exchange),
  outcome: v.variant("ended", [
    v.strictObject({
      ended: v.literal("exit"),
      exitCode: v.picklist([0, 1]),
      status: v.optional(v.strictObject({ name: v.string(), message: v.string() })),
    }),
    v.strictObject({ ended: v.literal("signal") }),
  ]),
});

/** One hook as it happened. */
export type Recording = v.InferOutput<typeof recording>;
/** One question and its answer. */
export type Exchange = Recording["exchanges"][number];
/** Exchanges of one kind. */
export type ExchangeOf<Kind extends Exchange["kind"]> = Extract<Exchange, { kind: Kind }>;
/** Bytes as a recording has them. */
export type RecordedBytes = v.InferOutput<typeof bytes>;

/** The text is no recording; the message says where and why. */
export class RecordingError extends Error {
  override readonly name = "RecordingError";
  readonly code = "ERR_RECORDING";
}

/** Longest recording that is read, in bytes. Those that are written are shorter. */
export const MAX_RECORDING_BYTES = 64 * 1024 * 1024;

/**
 * Reads a recording.
 *
 * @param source What the messages call it, a file's name for example.
 * @throws {RecordingError} When it is not JSON, of another format, or something in it is missing or of another kind.
 */
export function parseRecording(text: string, source = "recording"): Recording {
  if (text.length > MAX_RECORDING_BYTES) {
    throw new RecordingError(
      `Cannot read ${source}: it has ${text.length} characters, must have at most ${MAX_RECORDING_BYTES}`,
    );
  }
  const json = parseJson(text, source);
  const format = (json as { format?: unknown } | null)?.format;
  if (format !== FORMAT) {
    const is = typeof format === "string" ? JSON.stringify(format.slice(0, 80)) : "missing";
    throw new RecordingError(`Cannot read ${source}: its format is ${is}, must be "${FORMAT}"`);
  }
  const read = v.safeParse(recording, json, { abortEarly: true });
  if (read.success) return read.output;
  const [issue] = read.issues;
  throw new RecordingError(`Cannot read ${source}: ${v.getDotPath(issue) ?? "it"}: ${issue.message}`);
}

/** The parser's own words are left out: they quote the text, of which nobody knows what it is. */
function parseJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RecordingError(`Cannot read ${source}: it is not JSON, must be a recording`);
  }
}

/** The bytes that were recorded; `undefined` when they were too many to keep. */
export function bytesOf(recorded: RecordedBytes): Uint8Array | undefined {
  if (typeof recorded === "string") return Buffer.from(recorded);
  return "base64" in recorded ? Buffer.from(recorded.base64, "base64") : undefined;
}
