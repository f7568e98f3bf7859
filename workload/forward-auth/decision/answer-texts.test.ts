import fc from "fast-check";
import { expect, test } from "vitest";
import { AnswerTexts } from "./answer-texts.ts";
import type { KnownAnswer } from "./decision-cache.ts";

const word = fc.constantFrom("", "a", "é", "user@example.com", '"]', "0", "1");
const answer = fc.record<KnownAnswer>({
  url: word,
  host: fc.option(word, { nil: undefined }),
  status: fc.constantFrom(200, 202),
  headers: fc.array(fc.tuple(word, word), { maxLength: 6 }).map((pairs) => pairs.flat()),
  outcome: fc.record({ decision: fc.constant("allow"), reason: fc.constant("session"), user: word }),
  session: fc.record({ id: word, refreshedAt: fc.nat() }),
  until: fc.nat(),
});

test("answers are read as they were written, whatever was written before", () => {
  const texts = new AnswerTexts();
  const written: [readonly KnownAnswer[], string][] = [];
  fc.assert(
    fc.property(fc.array(answer, { maxLength: 4 }), (answers) => {
      const text = texts.write(answers);
      if (text === undefined) throw new Error("too many shapes");
      written.push([answers, text]);
      for (const [before, kept] of written) expect(texts.read(kept)).toEqual(before);
    }),
    { numRuns: 60 },
  );
});

test("shapes are bounded", () => {
  const texts = new AnswerTexts();
  const one = (index: number): KnownAnswer => ({
    url: `/oauth2/auth?x=${index}`,
    host: "h",
    status: 202,
    headers: [],
    outcome: { user: "u" },
    session: { id: "i", refreshedAt: 0 },
    until: 0,
  });
  for (let index = 0; index < 4096; index++) expect(texts.write([one(index)])).toBeDefined();
  expect(texts.write([one(4096)])).toBeUndefined();
  expect(texts.write([one(7)])).toBeDefined();
  texts.clear();
  expect(texts.read(texts.write([one(4096)]) ?? "")).toEqual([one(4096)]);
});
