import { expect, test } from "vitest";
import { responseDifference } from "./compare.ts";
import { deviations, readDeviations, readKeys, readReadme } from "./deviations.ts";
import { pageDifference, readPage } from "./page.ts";
import { filled, sameText } from "./places.ts";
import { TOLERANCE_KEYS } from "./tolerances.ts";

const answer = (status: number, headers: [string, string][] = [], body = "") => ({ status, headers, body });

test("placeholders are filled, unknown ones stay", () => {
  expect(filled(`\${OP}/x?\${repeat:q:3}&\${OTHER}`, { OP: "http://op" })).toBe(`http://op/x?qqq&\${OTHER}`);
});

test("placeholders of the recording stand for what differs with every run, and for nothing else", () => {
  const hash = "a".repeat(43);
  expect(sameText("state=<b64:43>%3A%2F", `state=${hash}%3A%2F`, {})).toBe(true);
  expect(sameText("state=<b64:43>%3A%2F", `state=${hash}x%3A%2F`, {})).toBe(false);
  const encoded = Buffer.from(`${hash}:/after`).toString("base64url");
  expect(sameText('s=<base64url of "<b64:43>:/after">', `s=${encoded}`, {})).toBe(true);
  expect(sameText('s=<base64url of "<b64:43>:/other">', `s=${encoded}`, {})).toBe(false);
  expect(sameText("<i>literal</i>", "<i>other</i>", {})).toBe(false);
});

test("a page is what people see of it", () => {
  const html = `<html><head><title>Sign In</title><style>b{}</style></head><body><p>Hello &amp;
    welcome</p><form action="/oauth2/start"><input type="hidden" name="rd" value="/x&amp;y"><button>Go <b>on</b></button></form></body></html>`;
  const forms = [
    {
      method: "GET",
      action: "/oauth2/start",
      inputs: [{ name: "rd", type: "hidden", value: "/x&y" }],
      button: "Go on",
    },
  ];
  expect(readPage(html)).toEqual({ title: "Sign In", forms, image: "", texts: ["Hello & welcome"] });
  expect(
    pageDifference({ title: "Sign In", forms, texts: ["Hello & welcome", "version undefined"] }, html, {}),
  ).toBeUndefined();
  expect(pageDifference({ title: "Sign In", forms: [], texts: [] }, html, {})).toMatch(/^forms/);
});

test("a difference names its place", () => {
  const recorded = {
    status: 302,
    headers: { Location: "/x" },
    cookies: [],
    body: "<short HTML link to Location>",
  };
  const link = '<a href="/x">Found</a>.\n\n';
  expect(responseDifference(recorded, answer(302, [["location", "/x"]], link), {})).toBeUndefined();
  expect(responseDifference(recorded, answer(200), {})).toMatch(/^status/);
  expect(responseDifference(recorded, answer(302, [["Location", "/y"]], link), {})).toMatch(
    /^header location/,
  );
  expect(
    responseDifference(
      recorded,
      answer(
        302,
        [
          ["Location", "/x"],
          ["Set-Cookie", "a=b"],
        ],
        link,
      ),
      {},
    ),
  ).toMatch(/^cookies/);
  expect(responseDifference(recorded, answer(302, [["Location", "/x"]], "other"), {})).toMatch(/^body/);
});

test("cases are excused by rows of the README that exist", () => {
  const readme =
    "\n## Deviations from oauth2-proxy 7\n\n| `a` b | x | y | z |\n\n| `a` b | `one/*`, `two` |\n\n## Faults\n";
  const [row] = readDeviations(readme);
  expect([row?.key, row?.excuses("one/x"), row?.excuses("two"), row?.excuses("two/x")]).toEqual([
    "a b",
    true,
    true,
    false,
  ]);
  expect(() => readDeviations(readme.replace("| `a` b | `one", "| c | `one"))).toThrow(/no such row/);
  expect(deviations().every(({ key }) => key !== "")).toBe(true);
});

test("what is put right before the comparison is a row of the README", () => {
  const keys = readKeys(readReadme());
  expect(TOLERANCE_KEYS.filter((key) => !keys.has(key))).toEqual([]);
});
