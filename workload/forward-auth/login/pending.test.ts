import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cookieSecret } from "../session/cookie-secret.ts";
import { setCookie } from "../session/cookies.ts";
import { createSeal } from "../session/seal.ts";
import { PendingLogins, type PendingOptions, readState } from "./pending.ts";
import { createSealedLoginFormat, createUpstreamLoginFormat } from "./record.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
const clock = { now: 1_700_000_000_000 };
const upstream = createUpstreamLoginFormat([cookieSecret(SECRET)]);
const sealed = createSealedLoginFormat([createSeal(SECRET, "login")]);
const attributes = { path: "/iam-proxy/oauth2", domain: "", secure: true, httpOnly: true, sameSite: "lax" };

const create = (rest: Partial<PendingOptions> = {}) =>
  new PendingLogins({
    name: "_oauth2_proxy",
    formats: [sealed, upstream],
    attributes: () => attributes,
    perRequest: true,
    limit: 5,
    life: 900_000,
    encodeState: false,
    now: () => clock.now,
    ...rest,
  });

const headerOf = (cookies: readonly string[]) => cookies.map((cookie) => cookie.split(";", 1)[0]).join("; ");
const to = (redirect: string, rest = {}) => ({ redirect, hostname: "h", ...rest });

describe.each([
  ["our own format", [sealed, upstream], /=[\w-]+; /],
  ["oauth2-proxy's format", [upstream, sealed], /=[\w-]+=*\|1700000000\|[\w-]{43}=; /],
] as const)("in %s", (_, formats, shape) => {
  test("a login is found by its state, in the browser that began it, until it is too old", () => {
    const logins = create({ formats });
    const { login, cookies } = logins.begin("", to("/app?x=1", { provider: "p2" }));
    const header = headerOf(cookies);
    expect(cookies[0]).toMatch(
      /^_oauth2_proxy_[\w-]{8}_csrf=[\w=|-]+; Path=\/iam-proxy\/oauth2; Max-Age=900; HttpOnly; Secure; SameSite=Lax$/,
    );
    expect(cookies[0]).toMatch(shape);
    expect(logins.find(header, login.state)).toEqual(login);
    expect(login.verifier).toMatch(/^[\w-]{128}$/);
    expect(logins.find("", login.state)).toBeUndefined();
    expect(logins.find(header, login.state.replace("/app", "/evil"))).toBeUndefined();
    expect(logins.find(header, login.state.replace(":", ".again:"))).toBeUndefined();
    expect(logins.find(header, `${"A".repeat(8)}${login.state.slice(8)}`)).toBeUndefined();
    expect(create({ name: "other" }).find(header, login.state)).toBeUndefined();
    const before = clock.now;
    clock.now += 900_001;
    expect(logins.find(header, login.state)).toBeUndefined();
    expect(create({ formats, life: 0 }).find(header, login.state)).toBeDefined();
    clock.now = before - 301_000;
    expect(logins.find(header, login.state)).toBeUndefined();
    clock.now = before;
  });

  test("the other format finds it as well", () => {
    const { login, cookies } = create({ formats }).begin("", to("/"));
    expect(create({ formats: [formats[1], formats[0]] }).find(headerOf(cookies), login.state)).toEqual(login);
  });

  test("encoded states, whatever is set when they come back", () => {
    const { login, cookies } = create({ formats, encodeState: true }).begin("", to("/app?x=ü&y=1"));
    expect(login.state).toMatch(/^[\w-]+$/);
    expect(Buffer.from(login.state, "base64url").toString()).toMatch(/^[\w-]{43}:\/app\?x=ü&y=1$/);
    expect(create({ formats }).find(headerOf(cookies), login.state)).toEqual(login);
  });

  test("no state or cookie makes it throw", () => {
    const { login, cookies } = create({ formats }).begin("", to("/"));
    const [name, value] = headerOf(cookies).split("=");
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.nat(), (state, cookie, at) => {
        expect(create({ formats }).find(headerOf(cookies), state)).toBeUndefined();
        expect(create({ formats }).find(`${name}=${cookie}`, login.state)).toBeUndefined();
        const cut = value?.slice(0, at % (value.length - 1));
        expect(create({ formats }).find(`${name}=${cut}`, login.state)).toBeUndefined();
      }),
    );
  });
});

/** Cookies that oauth2-proxy 7.15.3 set, and the parameters it sent. */
const RECORDED = [
  {
    value:
      "rQbWZS9egSu01r20Ak-97EdePsyNOQzF0ww09NyrUFsiqJemql4sZo3vo79AmhwoJ01qZfRwmK0lD_ef4JLfJ0RbxkAypqPDEqCKTxbVwF4IESEuB-FkPps=|1795462764|U4TmvDfEvgcI9wtC-J86D1_8JIxW5ZpxqLPlhaUNO-I=",
    state: "XW_miTgJ94M1g17uz8IZ-m0khD5uKDP4SbOSQMnuXaU:/app?x=1",
  },
  {
    value:
      "ihfy4GYfYJZTM7Lx24FlU-EPu4JaL2h6asltKLUU9iWcaXjA_hbNCQ1CL-lMOz7yDf7v9YLRX7F9agTJq0TgiherbyNPhGd8r5ODE0O8tSKAzXrX9QthKtk=|1795462764|Q64InvxzSJ19LxPVpmiH6WMw56XO1M4ctK5Jx9SLqX0=",
    state: "eVYwbzdoVmgzcWpZZHRtUDRyLXRwaXAtWVBrcHBKMUxmM1ppT3QycXBEbzovYXBwP3g9MQ",
  },
];

test.each(RECORDED)("a login that oauth2-proxy began is finished here: $state", ({ value, state }) => {
  const at = () => 1_795_462_800_000;
  const header = `_oauth2_proxy_csrf=${value}`;
  const found = create({ perRequest: false, now: at }).find(header, state);
  expect(found).toMatchObject({ redirect: "/app?x=1", state, startedAt: 1_795_462_764_000 });
  expect(found?.foreign).toBe(true);
  expect(found).not.toHaveProperty("verifier");
  expect(
    create({ perRequest: false, now: at }).find(
      header,
      RECORDED.find((one) => one.state !== state)?.state ?? "",
    ),
  ).toBeUndefined();
});

test("the record is oauth2-proxy's, with ours behind it", () => {
  const [secret, nonce, verifier] = [
    new Uint8Array(32).fill(1),
    new Uint8Array(32).fill(2),
    Buffer.alloc(96, 3).toString("base64url"),
  ];
  const name = "_oauth2_proxy_cs1uhCLE_csrf";
  const value = upstream.write({ state: secret, nonce, verifier, startedAt: clock.now }, name);
  expect(value.split("|")[0]).toHaveLength(296);
  const state = "cs1uhCLEB_ttCYaQ8RMLfe1-wvf14dML2dUh8BU2N5M:/app?x=1";
  expect(create().find(`${name}=${value}`, state)).toMatchObject({
    nonce: "dYd7tB05O1-4RVzmDs2N2gAdBjFklrFN-n-JVlbuyko",
    verifier,
  });
});

test("states, nonces and verifiers never repeat", () => {
  const made = Array.from({ length: 200 }, () => create().begin("", to("/")).login);
  const values = made.flatMap(({ state, nonce, verifier }) => [state, nonce, verifier]);
  expect(new Set(values).size).toBe(600);
});

test("without a code challenge there is no verifier", () => {
  const { login, cookies } = create().begin("", to("/", { pkce: false }));
  expect(login.verifier).toBeUndefined();
  expect(create().find(headerOf(cookies), login.state)).toEqual(login);
});

test("the oldest logins go when there are too many; with one cookie for all the last wins", () => {
  const logins = create({ limit: 2 });
  const made: string[][] = [];
  for (const target of ["/1", "/2", "/3", "/4"]) {
    const { cookies } = logins.begin(headerOf(made.map((each) => each.at(-1) ?? "")), to(target));
    made.push([...cookies]);
    clock.now += 1000;
  }
  expect(made.map(({ length }) => length)).toEqual([1, 1, 1, 2]);
  expect(made[3]?.[0]).toContain(`${headerOf(made[0] ?? []).split("=")[0]}=; `);
  const shared = create({ perRequest: false });
  const one = shared.begin("", to("/1"));
  expect(headerOf(one.cookies)).toMatch(/^_oauth2_proxy_csrf=/);
  expect(shared.find(headerOf(shared.begin("", to("/2")).cookies), one.login.state)).toBeUndefined();
});

test("50 abandoned logins leave no more cookies than allowed", () => {
  const jar = new Map<string, string>();
  const logins = create({ limit: 5 });
  for (let turn = 0; turn < 50; turn++) {
    clock.now += 1000;
    const header = Array.from(jar, ([name, value]) => `${name}=${value}`).join("; ");
    for (const text of logins.begin(header, to("/")).cookies) {
      const [pair = ""] = text.split(";", 1);
      const at = pair.indexOf("=");
      if (text.includes("Max-Age=0")) jar.delete(pair.slice(0, at));
      else jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
    expect(jar.size).toBeLessThanOrEqual(6);
  }
  expect(jar.size).toBe(6);
});

test("a planted cookie of the same name does not hide the login", () => {
  const { login, cookies } = create().begin("", to("/"));
  const [name] = headerOf(cookies).split("=");
  expect(create().find(`${name}=planted; ${headerOf(cookies)}`, login.state)).toEqual(login);
});

test("a login ends with the cookie's own attributes", () => {
  const logins = create();
  const { login, cookies } = logins.begin("", to("/"));
  const [name = ""] = headerOf(cookies).split("=");
  expect(logins.end(login, "h")).toBe(setCookie(name, "", attributes, 0));
});

test("a second attempt says so in its state", () => {
  const { login } = create().begin("", to("/app:x", { again: true }));
  expect(readState(login.state)).toMatchObject({ again: true, redirect: "/app:x" });
});
