import fc from "fast-check";
import { expect, test } from "vitest";
import { createSeal } from "../session/seal.ts";
import { PendingLogins, type PendingOptions, readState } from "./pending.ts";

const clock = { now: 1_700_000_000_000 };
const create = (rest: Partial<PendingOptions> = {}) =>
  new PendingLogins({
    name: "_oauth2_proxy",
    seal: createSeal("0123456789abcdef0123456789abcdef", "login"),
    attributes: { path: "/iam-proxy/oauth2", domain: "", secure: true, httpOnly: true, sameSite: "lax" },
    perRequest: true,
    limit: 5,
    life: 900_000,
    now: () => clock.now,
    ...rest,
  });

const headerOf = (cookies: readonly string[]) => cookies.map((cookie) => cookie.split(";", 1)[0]).join("; ");

test("a login is found by its state, in the browser that began it, until it is too old", () => {
  const logins = create();
  const { login, cookies } = logins.begin("", "/app?x=1", false);
  const header = headerOf(cookies);
  expect(cookies[0]).toMatch(
    /^_oauth2_proxy_[\w-]{8}_csrf=[\w-]+; Path=\/iam-proxy\/oauth2; Max-Age=900; HttpOnly; Secure; SameSite=Lax$/,
  );
  expect(logins.find(header, login.state)).toEqual(login);
  expect(login.verifier).toMatch(/^[\w-]{64}$/);
  expect(logins.find("", login.state)).toBeUndefined();
  expect(logins.find(header, login.state.replace("/app", "/evil"))).toBeUndefined();
  expect(logins.find(header, login.state.replace(":", ".again:"))).toBeUndefined();
  expect(create({ name: "other" }).find(header, login.state)).toBeUndefined();
  clock.now += 900_001;
  expect(logins.find(header, login.state)).toBeUndefined();
});

test("states, nonces and verifiers never repeat", () => {
  const made = Array.from({ length: 200 }, () => create().begin("", "/", false).login);
  const values = made.flatMap(({ state, nonce, verifier }) => [state, nonce, verifier]);
  expect(new Set(values).size).toBe(600);
});

test("the oldest logins go when there are too many; with one cookie for all the last wins", () => {
  const logins = create({ limit: 2 });
  const first = logins.begin("", "/1", false);
  clock.now += 1000;
  const second = logins.begin(headerOf(first.cookies), "/2", false);
  const third = logins.begin(headerOf([...first.cookies, ...second.cookies]), "/3", false);
  expect(third.cookies).toHaveLength(2);
  expect(third.cookies[1]).toContain(`${headerOf(first.cookies).split("=")[0]}=; `);
  const shared = create({ perRequest: false });
  const one = shared.begin("", "/1", false);
  expect(headerOf(one.cookies)).toMatch(/^_oauth2_proxy_csrf=/);
  expect(shared.find(headerOf(shared.begin("", "/2", false).cookies), one.login.state)).toBeUndefined();
});

test("a second attempt says so in its state", () => {
  const { login } = create().begin("", "/app:x", true);
  expect(readState(login.state)).toMatchObject({ again: true, redirect: "/app:x" });
});

test("no state or cookie makes it throw", () => {
  const { login, cookies } = create().begin("", "/", false);
  fc.assert(
    fc.property(fc.string(), fc.string(), (state, cookie) => {
      expect(create().find(headerOf(cookies), state)).toBeUndefined();
      expect(create().find(`${headerOf(cookies).split("=")[0]}=${cookie}`, login.state)).toBeUndefined();
    }),
  );
});
