/** S-05: addresses that need no login. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { readHop } from "../server/client.ts";
import { type CompatWorld, startCompat } from "../testing/compat-world.ts";
import { ask } from "../testing/question.ts";

const OPTIONS = { OAUTH2_PROXY_TRUSTED_IPS: "10.0.0.0/8,fd00::/8", OAUTH2_PROXY_REVERSE_PROXY: "true" };

let single: CompatWorld;
let list: CompatWorld;
let untrusted: CompatWorld;
let alone: CompatWorld;
beforeAll(async () => {
  // The gateway of these tests is loopback; 10.0.0.0/8 are users, so private ranges are not all gateways.
  const gateway = { OAUTH2_PROXY_TRUSTED_PROXY_IPS: "127.0.0.1" };
  single = await startCompat({ ...OPTIONS, ...gateway });
  list = await startCompat({ ...OPTIONS, ...gateway, OAUTH2_PROXY_REAL_CLIENT_IP_HEADER: "X-Forwarded-For" });
  untrusted = await startCompat({ ...OPTIONS, OAUTH2_PROXY_TRUSTED_PROXY_IPS: "192.0.2.1" });
  alone = await startCompat({ OAUTH2_PROXY_TRUSTED_IPS: "10.0.0.0/8" });
});
afterAll(() => Promise.all([single, list, untrusted, alone].map((world) => world.close())));

const status = async (world: CompatWorld, headers: readonly string[]) =>
  (await ask(world.point.port, "/oauth2/auth", headers)).status;

test("S-05 only a gateway can say where somebody is", async () => {
  expect(await status(single, ["X-Real-IP", "10.0.0.1"])).toBe(202);
  expect(await status(untrusted, ["X-Real-IP", "10.0.0.1"])).toBe(401);
  expect(await status(alone, ["X-Real-IP", "10.0.0.1"])).toBe(401);
  expect(await status(single, [])).toBe(401);
});

test.each([
  [["X-Forwarded-For", "10.0.0.1, 203.0.113.7"], 401],
  [["X-Forwarded-For", "10.0.0.1", "X-Forwarded-For", "203.0.113.7"], 401],
  [["X-Forwarded-For", "203.0.113.7, 10.0.0.1"], 202],
  [["X-Forwarded-For", "203.0.113.7, 10.0.0.1, 127.0.0.1"], 202],
  [["X-Forwarded-For", "10.0.0.1, unknown"], 401],
  [["X-Forwarded-For", "10.0.0.1,"], 401],
] as const)("S-05 of %j the last that is no gateway counts", async (headers, expected) => {
  expect(await status(list, headers)).toBe(expected);
});

test.each([
  "010.0.0.1",
  "10.1",
  "0x0a000001",
  "167772161",
  "unknown",
  "_hidden",
  "",
  "10.0.0.1 x",
  "10.0.0.1:x",
  "[10.0.0.1]",
  "::ffff:10.0.0.1%eth0",
])("S-05 %j is no address", async (text) => {
  expect(readHop(text)).toBeUndefined();
  if (text !== "") expect(await status(single, ["X-Real-IP", text])).toBe(401);
});

test.each([
  ["10.0.0.1", 202],
  ["10.0.0.1:1234", 202],
  ["::ffff:10.0.0.1", 202],
  ["[fd00::1]:80", 202],
  ["fd00::1", 202],
  ["203.0.113.7", 401],
  ["2001:db8::1", 401],
] as const)("S-05 %j is one", async (text, expected) => {
  expect(await status(single, ["X-Real-IP", text])).toBe(expected);
});
