import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { SessionRecording } from "./recording.ts";
import { formatDifference, loginDifference } from "./sessions.ts";

const file = new URL("recorded/sessions.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(file, "utf8")) as SessionRecording;

test.each(cases.map((recorded) => [recorded.id, recorded] as const))(
  "%s is read and written as recorded",
  (id, recorded) => {
    expect((id.startsWith("csrf/") ? loginDifference : formatDifference)(recorded)).toBeUndefined();
  },
);

test("a difference is found", () => {
  const [recorded] = cases;
  if (recorded === undefined) throw new Error("nothing was recorded");
  expect(formatDifference({ ...recorded, record: { ...recorded.record, e: "other@example.com" } })).toMatch(
    /^field e/,
  );
  expect(formatDifference({ ...recorded, secret: "0123456789abcdef0123456789abcdee" })).toMatch(/^key/);
});
