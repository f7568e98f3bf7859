/** Every threat and every advisory that we know has a test that is named after it. */
import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const THREATS = Array.from({ length: 35 }, (_, index) => `S-${String(index + 1).padStart(2, "0")}`);

/** Of oauth2-proxy, then of programs that do the same. */
const ADVISORIES = [
  ...["CVE-2017-1000069", "CVE-2017-1000070", "CVE-2020-5233", "CVE-2020-11053", "CVE-2020-4037"],
  ...["CVE-2021-21291", "CVE-2021-21411", "CVE-2025-54576", "CVE-2025-64484", "CVE-2026-34457"],
  ...["CVE-2026-40575", "CVE-2026-41059", "CVE-2026-40574", "CVE-2026-34454"],
  ...["CVE-2021-32637", "CVE-2026-25748", "CVE-2024-47070", "CVE-2026-63177", "CVE-2026-34908"],
  ...["CVE-2021-31920", "CVE-2021-29492", "GHSA-5m6w-wvh7-57vm", "GHSA-x677-9fxg-v5c5", "CVE-2026-33433"],
  ...["GHSA-6384-m2mw-rf54", "GHSA-3q9r-p662-5j8m", "CVE-2024-45410", "GHSA-pm7g-w2cf-q238"],
  ...["CVE-2026-24513", "CVE-2025-1974", "CVE-2025-24514"],
];

const ROOM = new URL("..", import.meta.url).pathname;
const OWN = "security/coverage.test.ts";

/** What may carry an id: titles, rows of a table of vectors, and the line that says what a file of `security/` tests. */
function titles(path: string): string {
  const lines = readFileSync(`${ROOM}${path}`, "utf8").split("\n");
  const named = lines.filter(
    (line) => !line.trimStart().startsWith("//") && !line.trimStart().startsWith("*"),
  );
  return named.filter((line, index) => index === 0 || /["'`]/.test(line)).join("\n");
}

const all = globSync("**/*.test.ts", { cwd: ROOM })
  .filter((path) => path !== OWN)
  .map(titles)
  .join("\n");

test.each([...THREATS, ...ADVISORIES])("%s has a test", (id) => {
  expect(new RegExp(`${id}(?!\\d)`).test(all)).toBe(true);
});

test("an id that nobody names would be missed", () => {
  expect(all).not.toMatch(/S-36|CVE-1999-0001/);
});
