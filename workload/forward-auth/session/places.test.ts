import { expect, test } from "vitest";
import { Places } from "./places.ts";

const end = (user: number) => `sssssssssssssssssssss-${user}`;
const thing = (user: number, front = "v") => ({ value: front + end(user), user });

test("a thing is found by all of its key, once", () => {
  const places = new Places<ReturnType<typeof thing>>(16, 4);
  places.set(thing(1));
  places.set({ ...thing(1), user: 11 });
  expect(places.get(thing(1).value)?.user).toBe(11);
  expect(places.get(thing(1, "w").value)).toBeUndefined();
  places.delete(thing(1).value);
  expect(places.get(thing(1).value)).toBeUndefined();
});

test("things of one end share its places, the newest are there", () => {
  const places = new Places<ReturnType<typeof thing>>(16, 4);
  const all = Array.from("abcdefgh", (front) => thing(1, front));
  for (const each of all) places.set(each);
  expect(all.filter(({ value }) => places.get(value)).map(({ value }) => value[0])).toEqual([..."efgh"]);
});

test("the number of things is bounded, and half of it has room nearly always", () => {
  const places = new Places<ReturnType<typeof thing>>(2048, 4);
  const found = () =>
    Array.from({ length: 100_000 }, (_, user) => places.get(thing(user).value)).filter(Boolean).length;
  for (let user = 0; user < 1024; user++) places.set(thing(user));
  expect(found()).toBeGreaterThan(900);
  for (let user = 0; user < 100_000; user++) places.set(thing(user));
  expect(found()).toBeLessThanOrEqual(2048);
});
