import { expect, test } from "vitest";
import { SeenKeys } from "./seen-keys.ts";

const key = (user: number) => `sssssssssssssssssssss-${user}`;

test("a key is new once, also among some thousands of others", () => {
  const seen = new SeenKeys();
  for (let user = 0; user < 5000; user++) expect(seen.again(key(user))).toBe(false);
  const known = Array.from({ length: 5000 }, (_, user) => seen.again(key(user)));
  expect(known.filter(Boolean).length).toBeGreaterThan(4500);
});

test("a crowd of others makes a key new again", () => {
  const seen = new SeenKeys();
  seen.again(key(0));
  for (let user = 1; user < 1_000_000; user++) seen.again(key(user));
  expect(seen.again(key(0))).toBe(false);
});
