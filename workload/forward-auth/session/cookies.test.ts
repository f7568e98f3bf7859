import fc from "fast-check";
import { expect, test } from "vitest";
import { type CookieAttributes, candidates, cookiesWith, remove, setCookie, store } from "./cookies.ts";

const attributes: CookieAttributes = { path: "/", domain: "", secure: true, httpOnly: true, sameSite: "lax" };
const NAME = "_oauth2_proxy";

/** The header that a browser sends after these `Set-Cookie` texts. */
function apply(header: string, texts: readonly string[]): string {
  const jar = new Map(cookiesWith(header, ""));
  for (const text of texts) {
    const [pair = ""] = text.split(";", 1);
    const at = pair.indexOf("=");
    if (/; Max-Age=0(;|$)/.test(text)) jar.delete(pair.slice(0, at));
    else jar.set(pair.slice(0, at), pair.slice(at + 1));
  }
  return Array.from(jar, ([name, value]) => `${name}=${value}`).join("; ");
}

test("writes attributes in oauth2-proxy's order", () => {
  expect(setCookie("n", "v", { ...attributes, domain: ".example.com" }, 60)).toBe(
    "n=v; Path=/; Domain=example.com; Max-Age=60; HttpOnly; Secure; SameSite=Lax",
  );
  expect(setCookie("n", "v", { path: "/x", domain: "", secure: false, httpOnly: false, sameSite: "" })).toBe(
    "n=v; Path=/x",
  );
});

test("a value of any length comes back, whatever was there before", () => {
  const value = fc.integer({ min: 1, max: 40_000 }).map((length) => "x".repeat(length));
  fc.assert(
    fc.property(value, value, value, (first, second, third) => {
      let header = "other=1";
      for (const text of [first, second, third]) {
        const texts = store(header, NAME, text, attributes, 3600);
        for (const line of texts) expect(line.length).toBeLessThanOrEqual(4000);
        header = apply(header, texts);
        expect(candidates(header, NAME)).toContain(text);
        expect(candidates(header, NAME)).toHaveLength(1);
      }
      expect(apply(header, remove(header, NAME, attributes))).toBe("other=1");
    }),
    { numRuns: 60 },
  );
});

const signature = (value: string) => `${value}|1700000000|${"S".repeat(43)}=`;

test("a signed value is cut as oauth2-proxy cuts it, and comes back whatever was there before", () => {
  const length = fc.integer({ min: 1, max: 40_000 });
  fc.assert(
    fc.property(length, length, length, (...lengths) => {
      let header = "other=1";
      for (const value of lengths.map((count) => signature("x".repeat(count)))) {
        const texts = store(header, NAME, value, attributes, 3600);
        for (const line of texts) expect(line.length).toBeLessThanOrEqual(4000);
        const kept = texts.filter((line) => !line.includes("Max-Age=0"));
        expect(kept.map((line) => /=([^;]*);/.exec(line)?.[1]).join("")).toBe(value);
        expect(kept.map((line) => line.split("=", 1)[0])).toEqual(
          kept.length === 1 ? [NAME] : kept.map((_, index) => `${NAME}_${index}`),
        );
        header = apply(header, texts);
        expect(candidates(header, NAME)).toEqual([value]);
      }
    }),
    { numRuns: 60 },
  );
});

test("parts of a signed value: stale ones do no harm, gaps and one part alone are none", () => {
  const value = signature("y".repeat(9000));
  const header = apply("", store("", NAME, value, attributes));
  expect(candidates(`${header}; ${NAME}_3=stale; ${NAME}_4=z; ${NAME}_00=q`, NAME)).toEqual([value]);
  const [zero = "", one = "", two = ""] = header.split("; ");
  expect(candidates([two, zero, one].join("; "), NAME)).toEqual([value]);
  for (const parts of [[zero, two], [one, two], [zero, one], [`${NAME}_0=${signature("y")}`]])
    expect(candidates(parts.join("; "), NAME)).toEqual([]);
});

test("parts that a neighbour planted do not hide the others, before or behind them", () => {
  const value = signature("y".repeat(9000));
  const header = apply("", store("", NAME, value, attributes));
  const planted = `${NAME}_0=p; ${NAME}_1=p; ${NAME}_2=p`;
  expect(candidates(`${planted}; ${header}`, NAME)).toEqual([value]);
  expect(candidates(`${header}; ${planted}`, NAME)).toEqual([value]);
});

test("a value that does not fit is refused", () => {
  expect(() => store("", NAME, "x".repeat(60_000), attributes)).toThrow(RangeError);
});

test("stale and planted parts do no harm", () => {
  const header = apply("", store("", NAME, "y".repeat(9000), attributes));
  expect(candidates(`${header}; ${NAME}_3=stale; ${NAME}_99=z; ${NAME}_00=q`, NAME)).toEqual([
    "y".repeat(9000),
  ]);
  expect(candidates(`${NAME}_0=3.aaa; ${NAME}_2=c`, NAME)).toEqual([]);
  expect(candidates(`${NAME}_0=1.aaa`, NAME)).toEqual([]);
  const many = Array.from({ length: 1000 }, (_, index) => `${NAME}_${index}=x`).join("; ");
  expect(candidates(many, NAME)).toEqual([]);
});

test("every cookie of the name is a candidate, a bounded number of them", () => {
  expect(candidates(`${NAME}=a; x=1; ${NAME}="b"`, NAME)).toEqual(["a", "b"]);
  expect(candidates(Array(50).fill(`${NAME}=a`).join(";"), NAME)).toHaveLength(5);
  expect(candidates(`x${NAME}=a; ${NAME}X=b; ${NAME}_csrf=c`, NAME)).toEqual([]);
});

test("no header makes it throw", () => {
  const pieces = fc.constantFrom(NAME, "_0", "=", ";", " ", '"', "2.", "x", "_csrf", ",");
  const hostile = fc.array(pieces, { maxLength: 30 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(fc.oneof(hostile, fc.string()), (header) => {
      for (const value of candidates(header, NAME))
        expect(header.length).toBeGreaterThanOrEqual(value.length);
      for (const text of remove(header, NAME, attributes))
        expect(text).toMatch(/^_oauth2_proxy(_\d{1,3})?=; Path=\/; Max-Age=0/);
    }),
    { numRuns: 1000 },
  );
});
