import assert from "node:assert/strict";
import { readRecord, writeRecord } from "../session/record.ts";
import { mutated } from "./mutate.ts";
import { fuzz } from "./run.ts";

const valid = writeRecord({
  id: "AAAAAAAAAAAAAAAAAAAAAA",
  issuer: "https://issuer.example",
  subject: "sub-1",
  email: "ü@example.com",
  preferredUsername: "Zoë",
  groups: ["a", "日本"],
  createdAt: 1_700_000_000_000,
  refreshedAt: 1_700_000_000_123,
  expiresOn: 1_700_003_600_000,
  accessToken: "at",
  idToken: "it".repeat(150),
  refreshToken: "rt",
  nonce: new Uint8Array(32).fill(7),
  additionalClaims: new Map<string, unknown>([
    ["__proto__", { constructor: ["x", 1, true, null] }],
    ["n", "12345678901234567890"],
  ]),
});

fuzz(
  (random) => mutated(random, valid),
  (input) => {
    const session = readRecord(Buffer.from(input, "latin1"), 1_700_000_000_000);
    assert.equal(({} as { x?: unknown }).x, undefined);
    if (session === undefined) return;
    assert(
      session.groups.length <= input.length && session.subject.length <= input.length,
      "more than was there",
    );
    assert(Number.isFinite(session.refreshedAt) && Number.isFinite(session.createdAt), "a time that is none");
    assert.match(session.id, /^[\w-]{22}$/);
    const again = readRecord(writeRecord(session), 0);
    assert.deepEqual({ ...again, additionalClaims: undefined }, { ...session, additionalClaims: undefined });
  },
);
