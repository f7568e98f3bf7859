import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { active, defineCharm } from "../index.ts";
import { parseRecording, type Recording, RecordingError } from "../record/recording.ts";
import { replay } from "../record/replay.ts";

const charm = defineCharm({ name: "web", summary: "x", containers: { web: { image: "i" } } }).implement({
  async reconcile({ containers }) {
    await containers.web.apply({ services: { web: { command: "web" } } });
    return active();
  },
});

const bytes = fc.oneof(
  fc.string(),
  fc.record({ base64: fc.base64String() }),
  fc.record({ truncated: fc.nat() }),
);
const texts = fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 });
const at = fc.nat();
const exchange = fc.oneof(
  fc.record({
    kind: fc.constant("hook"),
    at,
    command: fc.constantFrom("is-leader", "relation-ids", "status-set", "x"),
    args: fc.oneof(fc.constant(["--format=json"]), fc.array(fc.string(), { maxLength: 3 })),
    exitCode: fc.constantFrom(0, 1, 2),
    stdout: bytes,
    stderr: bytes,
  }),
  fc.record({
    kind: fc.constant("pebble"),
    at,
    container: fc.constantFrom("web", "x"),
    method: fc.constantFrom("GET", "POST"),
    path: fc.constantFrom("/v1/layers", "/v1/services", "/x"),
    headers: texts,
    body: bytes,
    answer: fc.record({ status: fc.integer({ min: -1, max: 700 }), headers: texts, body: bytes }),
  }),
  fc.record({
    kind: fc.constant("kubernetes"),
    at,
    method: fc.constant("GET"),
    path: fc.string(),
    answer: fc.record({ outcome: fc.constant("ok"), value: fc.jsonValue() }),
  }),
);

/** A recording that has the right form, and says anything. */
export const anyRecording = fc.record({
  format: fc.constant("charmed-iap-recording/1" as const),
  charm: fc.constant("web"),
  started: fc.nat(),
  took: fc.nat(),
  revealed: fc.array(fc.string(), { maxLength: 3 }),
  env: fc
    .dictionary(fc.string(), fc.string(), { maxKeys: 3 })
    .map((env) => ({ JUJU_UNIT_NAME: "web/0", JUJU_DISPATCH_PATH: "hooks/start", ...env })),
  exchanges: fc.array(exchange, { maxLength: 6 }),
  outcome: fc.oneof(
    fc.constant({ ended: "signal" as const }),
    fc.record({ ended: fc.constant("exit" as const), exitCode: fc.constantFrom(0, 1) }),
  ),
});

/** Text that may be a recording, a broken one, or anything. */
export const hostileText = fc.oneof(
  fc.string(),
  fc.json(),
  anyRecording.map((recording) => JSON.stringify(recording)),
  fc
    .tuple(anyRecording, fc.nat(), fc.oneof(fc.jsonValue(), fc.constant("__proto__")))
    .map(([recording, place, value]) => JSON.stringify(changed(recording, place, value))),
  fc
    .tuple(anyRecording, fc.nat())
    .map(([recording, at]) => JSON.stringify(recording).slice(0, at % JSON.stringify(recording).length)),
);

/** The value with one of its parts replaced. */
function changed(value: object, place: number, by: unknown): unknown {
  const keys = Object.keys(value);
  const key = keys[place % Math.max(keys.length, 1)];
  if (key === undefined) return by;
  const part = (value as Record<string, unknown>)[key];
  const deeper = typeof part === "object" && part !== null && place % 3 !== 0;
  return Object.assign(Array.isArray(value) ? [...value] : { ...value }, {
    [key]: deeper ? changed(part, Math.floor(place / keys.length), by) : by,
  });
}

/** Either a recording, which reads back the same, or an error that says what is wrong in one line. */
export function isReadOrRefused(text: string): boolean {
  let recording: Recording;
  try {
    recording = parseRecording(text, "it");
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    return error.message.startsWith("Cannot read it: ") && error.message.length < 2000;
  }
  return isDeepStrictEqual(parseRecording(JSON.stringify(recording)), recording);
}

/** A replay of anything ends, with an exit code. */
export async function replays(recording: unknown): Promise<boolean> {
  const { exitCode } = await replay(charm, parseRecording(JSON.stringify(recording)));
  return exitCode === 0 || exitCode === 1;
}
