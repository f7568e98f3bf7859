/** S-22: who can sign somebody out, and who learns what by it. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CompatWorld, startCompat } from "../testing/compat-world.ts";
import { ask } from "../testing/question.ts";

let world: CompatWorld;
beforeAll(async () => {
  world = await startCompat({
    OAUTH2_PROXY_WHITELIST_DOMAINS: ".example.com",
    OAUTH2_PROXY_SKIP_AUTH_ROUTES: "^/oauth2/",
  });
});
afterAll(() => world.close());

const signOut = (headers: readonly string[], method = "GET", query = "") =>
  ask(world.point.port, `/oauth2/sign_out${query}`, ["Host", "app.example.com", ...headers], method);
const session = () => ["Cookie", world.point.cookie({ idToken: "secret.id.token" })];
const stillIn = async (cookie: readonly string[]) =>
  (await ask(world.point.port, "/oauth2/auth", ["Host", "app.example.com", ...cookie])).headers.get(
    "gap-auth",
  ) !== "";

test("S-22 an image or a link on another site only asks", async () => {
  const cookie = session();
  const answer = await signOut([...cookie, "Sec-Fetch-Site", "cross-site"]);
  expect([answer.status, answer.headers.has("set-cookie"), await stillIn(cookie)]).toEqual([
    200,
    false,
    true,
  ]);
  expect(answer.body).toMatch(/<form[^>]*method="post"/i);
});

test("S-22 a form on another site is refused", async () => {
  const cookie = session();
  for (const headers of [
    ["Origin", "https://evil.example"],
    ["Origin", "null"],
    ["Sec-Fetch-Site", "cross-site"],
  ])
    expect((await signOut([...cookie, ...headers], "POST")).status).toBe(403);
  expect(await stillIn(cookie)).toBe(true);
});

test("S-22 one's own link ends the session: the cookie, and every copy of it", async () => {
  const cookie = session();
  const answer = await signOut([...cookie, "Sec-Fetch-Site", "same-origin"]);
  expect(answer.headers.get("set-cookie")).toMatch(/^_oauth2_proxy=;.*Max-Age=0/);
  expect(await stillIn(cookie)).toBe(false);
});

test("S-22 the ID token goes to the provider's own place, to nobody else", async () => {
  const to = async (target: string) =>
    (await signOut(session(), "GET", `?rd=${encodeURIComponent(target)}`)).headers.get("location");
  const asked = "https://app2.example.com/?hint={id_token}";
  expect(await to(asked)).toBe(asked);
  expect(await to("/x{id_token}")).toBe("/x{id_token}");
  const own = await startCompat({ OAUTH2_PROXY_WHITELIST_DOMAINS: "127.0.0.1:*" });
  const target = `${own.api.origin}/logout?id_token_hint={id_token}`;
  const cookie = ["Cookie", own.point.cookie({ idToken: "secret.id.token" })];
  const answer = await ask(own.point.port, `/oauth2/sign_out?rd=${encodeURIComponent(target)}`, cookie);
  expect(answer.headers.get("location")).toBe(`${own.api.origin}/logout?id_token_hint=secret.id.token`);
  await own.close();
});

test("S-22 without a session, on an open path too, there is an answer", async () => {
  const answer = await signOut([], "GET", "?rd=%2Fx%7Bid_token%7D");
  expect([answer.status, answer.headers.get("location")]).toEqual([302, "/x{id_token}"]);
});
