import fc from "fast-check";
import { expect, test } from "vitest";
import { readPath } from "./path.ts";

/** What nobody may be asked to serve: whoever asks, the answer is no. */
const REFUSED = [
  "/public/../admin",
  "/public/%2e%2e/admin",
  "/public/.%2e/admin",
  "/public/%2E./admin",
  "/public/..%2fadmin",
  "/public/%2e%2e%2fadmin",
  "/public/..%5cadmin",
  "/public/..\\admin",
  "/public/;/../../admin",
  "/public/..;/admin",
  "/public/.;x=1/admin",
  "/public;a=b/../admin",
  "//admin/public/x",
  "//x/public/../admin",
  "///public/x",
  "/./public/x",
  "/admin#/public/",
  "/public/%252e%252e/admin",
  "/public/%25252e%25252e/admin",
  "/public/%c0%ae%c0%ae/admin",
  "/public/%00/../admin",
  "/public/%00",
  "/public/%0a",
  "/public/%zz",
  "/public/%2",
  "/public/ x",
  "/public/\tx",
  "/public/\u00e9",
  "http://h/public/x",
  "*",
  "",
  "public/x",
  "\\public",
  "/public, /admin\n",
];

test.each(REFUSED)("refuses %j", (target) => {
  expect(readPath(target)).toBeUndefined();
});

/** What a session may ask for, while open paths never match it: two readers could differ. */
const DOUBTFUL = [
  "/x//public/",
  "/admin%23/public/",
  "/admin%3f/public/",
  "/public/a%2Fb",
  "/public/a%5cb",
  "/public/100%25",
  "/public/%u002e%u002e/admin".replace("%u002e%u002e", "%25u002e"),
  "/public/\u00c3\u00a9",
];

test.each(DOUBTFUL)("%j never passes without a session", (target) => {
  expect(readPath(target)).toMatchObject({ plain: false });
});

test.each([
  ["/public/", "/public/"],
  ["/public", "/public"],
  ["/", "/"],
  ["/public/a%20b?x=/../", "/public/a b"],
  ["/public/caf%C3%A9", "/public/café"],
  ["/public/a.b/c..d", "/public/a.b/c..d"],
  ["/public/a;v=1", "/public/a;v=1"],
  ["/.well-known/x", "/.well-known/x"],
  ["/...", "/..."],
  ["/~user/(1)", "/~user/(1)"],
])("%j is plain", (target, decoded) => {
  expect(readPath(target)).toMatchObject({ plain: true, decoded, raw: target.split("?", 1)[0] });
});

test("a target that is too long is refused", () => {
  expect(readPath(`/${"a".repeat(16_384)}`)).toBeUndefined();
  for (const letter of ["a", "%20"]) {
    expect(readPath(`/${letter.repeat(300)}`)).toMatchObject({ plain: true });
    expect(readPath(`/${letter.repeat(1024)}`)).toMatchObject({ plain: false });
  }
});

const pieces = [
  "/",
  "..",
  ".",
  "%2e",
  "%2f",
  "%5c",
  "\\",
  ";",
  "%25",
  "%00",
  "a",
  "B",
  "%41",
  "//",
  "%c3%a9",
  "?",
  "#",
  "%zz",
  " ",
];
const hostile = fc.array(fc.constantFrom(...pieces), { maxLength: 10 }).map((parts) => `/${parts.join("")}`);

/** A lenient server: decodes as often as it can, takes `\` for `/`, cuts parameters, resolves dots. */
function lenientServer(path: string): string {
  let text = path;
  for (let round = 0; round < 8; round++)
    text = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
  const stack: string[] = [];
  for (const segment of text
    .replaceAll("\\", "/")
    .split("/")
    .map((part) => part.split(";", 1)[0] ?? "")) {
    if (segment === "..") stack.pop();
    else if (segment !== "." && segment !== "") stack.push(segment);
  }
  return `/${stack.join("/")}`;
}

test("no server leaves the directory that the path begins with", () => {
  fc.assert(
    fc.property(hostile, (target) => {
      const reading = readPath(target);
      if (reading === undefined) return;
      const bytes = Buffer.from(reading.lenient, "utf8").toString("latin1");
      expect(lenientServer(reading.raw)).toBe(bytes);
      if (reading.plain) expect(reading.decoded.startsWith("//")).toBe(false);
    }),
    { numRuns: 5000 },
  );
});

test("every path that is read is one of the three kinds, whatever it is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (target) => {
      const reading = readPath(target);
      expect(reading === undefined || reading.raw.startsWith("/")).toBe(true);
    }),
    { numRuns: 2000 },
  );
});
