import { describe, expect, test } from "vitest";
import { DecisionCache, type KnownAnswer } from "./decision-cache.ts";

const URL = "/oauth2/auth";
const HOST = "app.example.com";
const answer = (user: string, changes: Partial<KnownAnswer> = {}): KnownAnswer => ({
  url: URL,
  host: HOST,
  status: 202,
  headers: ["X-Auth-Request-User", user],
  outcome: { user },
  session: { id: user, refreshedAt: 0 },
  until: 1,
  ...changes,
});
/** Cookies of 200 characters; the user is in front, the signature behind. */
const cookieOf = (user: string, signature = user) =>
  `_oauth2_proxy=${user.padEnd(126, "v")}|${signature.padStart(59, "s")}`;

/** Keeps an answer of somebody who came before. */
function keep(cache: DecisionCache, header: string, known: KnownAnswer): void {
  cache.keep(header, known);
  cache.keep(header, known);
}

describe("S-31: what an answer is found by", () => {
  const cache = new DecisionCache("_oauth2_proxy");
  keep(cache, cookieOf("ada"), answer("ada"));
  const user = (header: string, url = URL, host: string | undefined = HOST) =>
    cache.find(header, url, host)?.outcome.user;

  test("the same cookies, endpoint and host", () => {
    expect(user(cookieOf("ada"))).toBe("ada");
    expect(user(`theme=dark; ${cookieOf("ada")}; x=y`)).toBe("ada");
  });

  test.each([
    ["another value under the same signature", cookieOf("eve", "ada")],
    ["another signature", cookieOf("ada", "eve")],
    ["a character less", cookieOf("ada").slice(0, -1)],
    ["another name", `my${cookieOf("ada")}`],
    ["a second session in front", `${cookieOf("eve")}; ${cookieOf("ada")}`],
    ["a second session behind", `${cookieOf("ada")}; ${cookieOf("eve")}`],
    ["a part of another session", `${cookieOf("ada")}; _oauth2_proxy_0=x`],
    ["no cookies", ""],
  ])("not: %s", (_what, header) => {
    expect(user(header)).toBeUndefined();
  });

  test("not at another endpoint, with another query, or on another host", () => {
    expect(user(cookieOf("ada"), "/")).toBeUndefined();
    expect(user(cookieOf("ada"), `${URL}?allowed_groups=root`)).toBeUndefined();
    expect(user(cookieOf("ada"), URL, "other.example.com")).toBeUndefined();
    expect(cache.find(cookieOf("ada"), URL, undefined)).toBeUndefined();
  });

  test("one session may have several answers, the newest for an address counts", () => {
    keep(cache, cookieOf("bob"), answer("bob"));
    cache.keep(cookieOf("bob"), answer("bob", { url: "/other", status: 200 }));
    cache.keep(cookieOf("bob"), answer("bob", { until: 2 }));
    expect(cache.find(cookieOf("bob"), "/other", HOST)?.status).toBe(200);
    expect(cache.find(cookieOf("bob"), URL, HOST)?.until).toBe(2);
  });
});

describe("bounds", () => {
  const users = Array.from({ length: 100 }, (_, index) => `user-${String(index).padStart(3, "0")}`);

  test("cookies that came once are not kept, those that came again stay by their digest", () => {
    const cache = new DecisionCache("_oauth2_proxy", { textLength: 2000, packedLength: 1 << 20 });
    keep(cache, cookieOf("ada"), answer("ada"));
    expect(cache.find(cookieOf("ada"), URL, HOST)?.outcome.user).toBe("ada");
    for (const user of users) cache.keep(cookieOf(user), answer(user));
    expect(cache.size).toBe(1);
    expect(cache.find(cookieOf("ada"), URL, HOST)?.outcome.user).toBe("ada");
    expect(cache.find(cookieOf("eve", "ada"), URL, HOST)).toBeUndefined();
    expect(cache.find(cookieOf("user-000"), URL, HOST)).toBeUndefined();
    for (const user of users) cache.keep(cookieOf(user), answer(user));
    expect(cache.size).toBe(101);
    for (const user of users) expect(cache.find(cookieOf(user), URL, HOST)?.outcome.user).toBe(user);
  });

  test("other cookies between the parts of a session take its place, and no more than that", () => {
    const cache = new DecisionCache("_oauth2_proxy", { textLength: 2000, packedLength: 1 << 20 });
    const around = (theme: string) => `_oauth2_proxy_0=x; theme=${theme}; ${cookieOf("ada")}`;
    for (let turn = 0; turn < 50; turn++) {
      const header = around(`t${turn}`);
      keep(cache, header, answer("ada"));
      expect(cache.find(header, URL, HOST)?.outcome.user).toBe("ada");
    }
    expect(cache.size).toBe(1);
    for (const user of users.slice(0, 5)) keep(cache, cookieOf(user), answer(user));
    for (const user of users.slice(0, 5))
      expect(cache.find(cookieOf(user), URL, HOST)?.outcome.user).toBe(user);
  });

  test("the number of sessions is bounded", () => {
    const cache = new DecisionCache("_oauth2_proxy", { textLength: 2000, packedLength: 1 << 20 });
    for (let index = 0; index < 20_000; index++) {
      keep(cache, cookieOf(`u-${index}`), answer(`u-${index}`));
    }
    expect(cache.size).toBeLessThan(15_000);
    expect(cache.size).toBeGreaterThan(500);
    for (const user of ["u-19999", "u-19900"])
      expect(cache.find(cookieOf(user), URL, HOST)?.outcome.user).toBe(user);
    expect(cache.find(cookieOf("u-100"), URL, HOST)).toBeUndefined();
  });

  test("a packed answer is renewed in its place, and one that is asked for often has its text back", () => {
    const cache = new DecisionCache("_oauth2_proxy", { textLength: 400, packedLength: 1 << 20 });
    for (const user of users) keep(cache, cookieOf(user), answer(user));
    const known = cache.size;
    cache.keep(cookieOf("user-050"), answer("user-050", { until: 99 }));
    for (let turn = 0; turn < 20; turn++) expect(cache.find(cookieOf("user-050"), URL, HOST)?.until).toBe(99);
    expect(cache.size).toBe(known);
  });

  test("nothing is left after a change of the rules", () => {
    const cache = new DecisionCache("_oauth2_proxy", { textLength: 2000, packedLength: 1 << 20 });
    for (const user of users) keep(cache, cookieOf(user), answer(user));
    cache.clear();
    expect(cache.size).toBe(0);
    for (const user of users) expect(cache.find(cookieOf(user), URL, HOST)).toBeUndefined();
  });

  test("longer cookies than a request can have are not kept", () => {
    const cache = new DecisionCache("_oauth2_proxy");
    const header = `_oauth2_proxy=${"v".repeat(40_000)}`;
    keep(cache, header, answer("ada"));
    expect(cache.size).toBe(0);
  });
});
