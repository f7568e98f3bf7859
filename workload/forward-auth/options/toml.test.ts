import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { readOptions } from "./read.ts";
import { readToml } from "./toml.ts";

const folder = mkdtempSync(join(tmpdir(), "toml-"));
afterAll(() => rmSync(folder, { recursive: true }));

function reading(
  text: string,
  environment: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
) {
  const file = join(folder, "o.cfg");
  writeFileSync(file, text);
  return readOptions(environment, [`--config=${file}`, ...args]);
}

test.each([
  ['cookie_name = "x"', { cookie_name: "x" }],
  ['Cookie_Name = "x"', { cookie_name: "x" }],
  ["cookie_name = 5", { cookie_name: "5" }],
  ["cookie_name = true", { cookie_name: "1" }],
  ['reverse_proxy = "true"', { reverse_proxy: true }],
  ["reverse_proxy = 1", { reverse_proxy: true }],
  ['cookie_domains = ["a", "b"]', { cookie_domains: ["a", "b"] }],
  ['cookie_domains = "a, b"', { cookie_domains: ["a", " b"] }],
  ["cookie_domains = 5", { cookie_domains: ["5"] }],
  ['redis_connection_idle_timeout = "5"', { redis_connection_idle_timeout: 5 }],
  ["cookie_expire = 3600000000000", { cookie_expire: 3_600_000 }],
  ["cookie_expire = 3153600000000000000", { cookie_expire: 3_153_600_000_000 }],
  ['google_group = "a"\ngoogle_groups = ["b"]', { google_group: ["a"], google_groups: ["b"] }],
])("the file %j sets %j", (text, values) => {
  const { options, problems } = reading(text);
  expect(problems).toEqual([]);
  expect(options).toMatchObject(values);
});

test.each([
  ['cookie-name = "x"', 'Cannot read "cookie-name" in "', "the nearest is cookie_name"],
  ['cookie_domain = "x"', 'Cannot read "cookie_domain" in "', "the nearest is cookie_domains"],
  ['[cookie]\nname = "x"', 'Cannot read "cookie" in "', "unknown key"],
  ["config_test = true", 'Cannot read "config_test" in "', "unknown key"],
  ['cookie_name = "a"\nCOOKIE_NAME = "b"', 'Cannot read "COOKIE_NAME" in "', "given twice"],
  ['cookie_name = "a"\ncookie_name = "b"', "Cannot read config file", "line 2"],
  ['cookie_name = "secret" x', "Cannot read config file", "line 1"],
  ["cookie_name: a", "Cannot read config file", "line 1"],
  ['cookie_expire = "60"', 'Cannot read cookie_expire in "', "must be a duration"],
  ["cookie_name = [1]", 'Cannot read cookie_name in "', "must be text"],
  ["cookie_name = 2020-01-01", 'Cannot read cookie_name in "', "must be text"],
  ["cookie_secret = [1]", 'Cannot read cookie_secret in "', "is ***"],
])("refuses the file %j", (text, beginning, part) => {
  const { problems } = reading(text);
  expect(problems).toEqual([expect.stringContaining(part)]);
  expect(problems[0]?.startsWith(beginning)).toBe(true);
  expect(problems[0]).not.toContain('secret"');
});

test("a flag wins over a variable, a variable over the file, the file over the default", () => {
  const text = 'cookie_name = "file"';
  const variable = { OAUTH2_PROXY_COOKIE_NAME: "variable" };
  expect(reading(text, variable, ["--cookie-name=flag"]).options.cookie_name).toBe("flag");
  expect(reading(text, variable).options.cookie_name).toBe("variable");
  expect(reading(text, { OAUTH2_PROXY_COOKIE_NAME: "" }).options.cookie_name).toBe("file");
  expect(reading(text, {}, ["--cookie-name=_oauth2_proxy"]).options.cookie_name).toBe("_oauth2_proxy");
});

test("a file that is not there is a fault", () => {
  expect(readOptions({}, ["--config=/nowhere"]).problems).toEqual([
    'Cannot read config file "/nowhere" (--config): ENOENT',
  ]);
});

test("no text makes it throw", () => {
  const piece = fc.constantFrom(
    "cookie_name",
    "=",
    '"',
    "[",
    "]",
    "\n",
    "{",
    "}",
    "1",
    "true",
    "'''",
    "#",
    ".",
    ",",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: "binary" }),
        fc.array(piece).map((parts) => parts.join("")),
      ),
      (text) => {
        readToml(text, "f", false);
      },
    ),
  );
});
