import fc from "fast-check";
import { expect, test } from "vitest";
import { parseInteger } from "./convert.ts";
import { CsvError, readRecord } from "./csv.ts";
import { formatDuration, parseDuration } from "./duration.ts";
import { readFlags } from "./flags.ts";

test.each([
  ["a.com,b.com", ["a.com", "b.com"]],
  ['"^/a{1,2}$",^/b', ["^/a{1,2}$", "^/b"]],
  ['"say ""hi""",x', ['say "hi"', "x"]],
  ["a,", ["a", ""]],
  [" a , b ", [" a ", " b "]],
  ["a\nb", ["a"]],
  ['"a\nb"', ["a\nb"]],
  ["", []],
])("the record %j has the fields %j", (text, fields) => {
  expect(readRecord(text)).toEqual(fields);
});

test.each(['a"b', '"a', '"a"b', "\n"])("%j is no record", (text) => {
  expect(() => readRecord(text)).toThrow(CsvError);
});

test("every list of texts can be given as one record", () => {
  const quoted = (fields: readonly string[]) =>
    fields.map((field) => `"${field.replaceAll('"', '""')}"`).join();
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "grapheme" }), { minLength: 1 }), (fields) => {
      const plain = fields.map((field) => field.replaceAll("\r\n", "\n"));
      expect(readRecord(quoted(plain))).toEqual(plain);
    }),
  );
});

test.each([
  [[], {}],
  [["--", "--nope"], {}],
  [["extra", "--cookie-name", "a", "more", "--cookie-name=b"], { cookie_name: "b" }],
  [["--cookie-name", "--reverse-proxy"], { cookie_name: "--reverse-proxy" }],
  [["--reverse-proxy", "false"], { reverse_proxy: true }],
  [["--reverse-proxy=T", "--cookie-refresh=-1h"], { reverse_proxy: true, cookie_refresh: -3_600_000 }],
  [["--email-domain=", "--upstream=a", "--upstream=b,c"], { email_domains: [], upstreams: ["a", "b", "c"] }],
  [["--google-use-organization-id", "true"], { google_use_organization_id: true }],
  [["--logging-max-size=0x10", "--cookie-path="], { logging_max_size: 16, cookie_path: "" }],
])("%j sets %j", (args, values) => {
  const reading = readFlags(args);
  expect(reading.problems).toEqual([]);
  expect(Object.fromEntries(reading.values)).toEqual(values);
});

test.each([
  ["--nope", "unknown flag"],
  ["--email-domains=x", "the nearest is --email-domain"],
  ["--email_domain=x", "unknown flag"],
  ["-reverse-proxy", "unknown shorthand flag"],
  ["--=x", "bad flag syntax"],
  ["---x", "bad flag syntax"],
  ["--cookie-name", "flag needs an argument"],
  ["--reverse-proxy=maybe", "must be true or false"],
  ["--reverse-proxy=", "must be true or false"],
  ["--cookie-refresh=1d", 'must be a duration such as "1h30m", is "1d"'],
  ["--logging-max-size=1.5", "must be a whole number"],
  ['--skip-auth-route=a"b', "must be quoted as a whole"],
  ["--config-test=maybe", "must be true or false"],
])("refuses %j", (argument, text) => {
  expect(readFlags([argument]).problems).toEqual([expect.stringContaining(text)]);
});

test("anything that begins with -h asks for help", () => {
  for (const argument of ["-h", "-http-address=:80", "--help", "--help=x"]) {
    expect(readFlags([argument]).switches.help).toBe(true);
  }
});

test("options that an alpha configuration says are unknown flags beside one", () => {
  expect(readFlags(["--upstream=x", "--cookie-name=a", "--alpha-config=f"]).problems).toEqual([
    "Cannot read --upstream: unknown flag beside --alpha-config, say it in the file instead",
  ]);
});

test.each([
  ["10", 10],
  ["-3", -3],
  ["0x1F", 31],
  ["0b101", 5],
  ["0o17", 15],
  ["017", 15],
  ["0x_ff", 255],
])("the whole number %j is %d", (text, value) => {
  expect(parseInteger(text)).toBe(value);
});

test.each(["", "1.0", "08", "1_000", "0x", "_1", "1e3", "9007199254740993", " 1"])(
  "%j is no whole number",
  (text) => {
    expect(parseInteger(text)).toBeUndefined();
  },
);

test.each([
  [604_800_000, "168h0m0s"],
  [5_400_000, "1h30m0s"],
  [90_500, "1m30.5s"],
  [300, "300ms"],
  [0.5, "500µs"],
  [0, "0s"],
  [-3_600_000, "-1h0m0s"],
])("%d ms is written %s", (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text);
});

test("a duration that was written is read as the same", () => {
  fc.assert(
    fc.property(fc.integer({ min: -(2 ** 43), max: 2 ** 43 }), (milliseconds) => {
      expect(parseDuration(formatDuration(milliseconds))).toBeCloseTo(milliseconds, 3);
    }),
  );
});
