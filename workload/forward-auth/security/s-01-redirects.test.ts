/** S-01: after a login or a sign-out nobody lands elsewhere, whichever way the target is told, in either personality. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { readState } from "../login/pending.ts";
import { COMPAT } from "../testing/compat.ts";
import { type Point, startPoint } from "../testing/point.ts";
import { ask } from "../testing/question.ts";

const vectors = JSON.parse(readFileSync(new URL("../testdata/redirects.json", import.meta.url), "utf8")) as {
  readonly rejected: readonly string[];
  readonly accepted: readonly string[];
  readonly acceptedBeyondUpstream: readonly string[];
};
/** Values that a header can have at all. */
const inHeader = (target: string): boolean => /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(target);

const ORIGIN = "https://app.example.com";
const HOST = ["Host", "app.example.com"];
const WHITELIST = [
  ...["foo.bar", ".bar.foo", "port.bar:8080", ".sub.port.bar:8080", "anyport.bar:*", ".sub.anyport.bar:*"],
  ...["*.wildcard.bar", "*.wildcard.sub.port.bar:8080", "*.wildcard.sub.anyport.bar:*", ".example.net"],
];
const points: Partial<Record<"compat" | "forwarded", Point>> = {};

beforeAll(async () => {
  for (const method of ["info", "warn"] as const) vi.spyOn(console, method).mockReturnValue(undefined);
  const common = {
    ...COMPAT,
    OAUTH2_PROXY_WHITELIST_DOMAINS: WHITELIST.join(","),
    OAUTH2_PROXY_SKIP_PROVIDER_BUTTON: "true",
    OAUTH2_PROXY_REDIRECT_URL: `${ORIGIN}/oauth2/callback`,
  };
  const rules = {
    version: 1 as const,
    applications: { app: { routes: [{ hosts: ["app.example.com"] }], allow: { everyone: true as const } } },
  };
  points.compat = await startPoint(undefined, { ...common, OAUTH2_PROXY_UPSTREAMS: "static://202" });
  points.forwarded = await startPoint(rules, { ...common, OAUTH2_PROXY_DECISION_MODE: "forwarded" });
});
afterAll(async () => {
  await Promise.all(Object.values(points).map((point) => point.close()));
});

describe.each(["compat", "forwarded"] as const)("%s", (mode) => {
  const port = () => points[mode]?.port ?? 0;
  /** Where a login that begins with this request leads in the end. */
  const endOf = async (query: string, headers: readonly string[] = []) => {
    const answer = await ask(port(), `/oauth2/start${query}`, [...HOST, ...headers]);
    expect(answer.status).toBe(302);
    const state = new URL(answer.headers.get("location") ?? "").searchParams.get("state") ?? "";
    return readState(state)?.redirect;
  };
  const query = (target: string) => `?rd=${encodeURIComponent(target)}`;
  const signedOut = async (target: string) => {
    const headers = [...HOST, "Sec-Fetch-Site", "same-origin"];
    return (await ask(port(), `/oauth2/sign_out${query(target)}`, headers)).headers.get("location");
  };

  test("S-01: no target of the list is followed, told by rd", async () => {
    for (const target of vectors.rejected) expect(await endOf(query(target)), target).toBe("/");
  });

  test("S-01: nor by X-Auth-Request-Redirect", async () => {
    for (const target of vectors.rejected.filter(inHeader))
      expect(await endOf("", ["X-Auth-Request-Redirect", target]), target).toBe("/");
  });

  test("S-01: nor after a sign-out", async () => {
    const nowhere = mode === "compat" ? "/" : undefined;
    for (const target of vectors.rejected) expect(await signedOut(target), target).toBeOneOf([nowhere, "/"]);
  });

  test("S-01: what is allowed is followed, by every entrance; in compat as it was written", async () => {
    const same = (found: string | undefined | null, target: string) => {
      if (mode === "compat") expect(found).toBe(target);
      else expect(new URL(found ?? "", ORIGIN).href).toBe(new URL(target, ORIGIN).href);
    };
    for (const target of [...vectors.accepted, ...vectors.acceptedBeyondUpstream]) {
      same(await endOf(query(target)), target);
      same(await signedOut(target), target);
      if (mode === "compat" && inHeader(target))
        same(await endOf("", ["X-Auth-Request-Redirect", target]), target);
    }
  });

  test.each([
    ["CVE-2017-1000070, GHSA-jm34-xm8m-w958", ["//evil.example", "///evil.example/x"]],
    ["CVE-2020-5233, GHSA-qqxw-m5fj-f7gv", ["/\\evil.example", "/\\/evil.example"]],
    ["CVE-2020-11053, GHSA-j7px-6hwj-hpjg", ["/\t/evil.example", "/\n/evil.example", "/\r/evil.example"]],
    ["CVE-2020-4037, GHSA-5m6c-jp6f-2vcv", ["/\t\\evil.example", "/\v/evil.example", "/\f\\evil.example"]],
    [
      "CVE-2021-21291, GHSA-4mf2-f3wh-gvf2",
      ["https://evilexample.net/", "https://example.net.evil.example/", "https://evil-example.net/x"],
    ],
  ])("%s: %j lead to /", async (_, targets) => {
    for (const target of targets) {
      expect(await endOf(query(target)), target).toBe("/");
      expect(await signedOut(target), target).toBeOneOf([undefined, "/"]);
    }
    expect(await endOf(query("https://a.example.net/"))).toBe("https://a.example.net/");
  });

  test.each([
    "/x%0d%0aSet-Cookie:%20x=1",
    "/x\r\nSet-Cookie: x=1",
    "/\u010aSet-Cookie: x=1",
    "/\u560a\u560dX: 1",
    "/x\nLocation: https://evil.example/",
  ])("S-01: %j splits no answer", async (target) => {
    for (const path of ["start", "sign_out", "sign_in"]) {
      const answer = await ask(port(), `/oauth2/${path}${query(target)}`, HOST);
      expect(answer.headers.get("set-cookie") ?? "").not.toMatch(/^x=1/m);
      expect(answer.headers.get("location") ?? "").not.toMatch(/[^\x21-\x7e]/);
      expect(answer.headers.has("x")).toBe(false);
    }
  });

  test.each([
    "%2Fx%0d%0aSet-Cookie:%20x=1",
    "/%E5%98%8A%E5%98%8DSet-Cookie:%20x=1",
    "/%C4%8ASet-Cookie:%20x=1",
  ])("S-01: rd=%s, as it is on the wire, splits none either", async (rd) => {
    for (const path of ["start", "sign_out", "sign_in"]) {
      const answer = await ask(port(), `/oauth2/${path}?rd=${rd}`, HOST);
      expect(answer.headers.get("set-cookie") ?? "").not.toMatch(/(?:^|\n)x=1/);
      expect(answer.headers.get("location") ?? "/").toMatch(/^[\x21-\x7e]+$/);
    }
  });
});

test("S-01: a composed address of a trusted gateway is validated like others", async () => {
  const gateway = await startPoint(undefined, {
    ...COMPAT,
    OAUTH2_PROXY_REVERSE_PROXY: "true",
    OAUTH2_PROXY_WHITELIST_DOMAINS: "foo.bar",
    OAUTH2_PROXY_REDIRECT_URL: "https://login.example.com/oauth2/callback",
    OAUTH2_PROXY_UPSTREAMS: "static://200",
  });
  const composed = async (host: string, uri: string, proto = "https") => {
    const told = ["X-Forwarded-Host", host, "X-Forwarded-Proto", proto, "X-Forwarded-Uri", uri];
    const answer = await ask(gateway.port, "/oauth2/start", [...HOST, ...told]);
    const state = new URL(answer.headers.get("location") ?? "").searchParams.get("state") ?? "";
    return readState(state)?.redirect;
  };
  expect(await composed("foo.bar", "/deep?x=1")).toBe("https://foo.bar/deep?x=1");
  expect(await composed("evil.example", "/x")).toBe("/x");
  expect(await composed("foo.bar", "//evil.example/x")).toBe("https://foo.bar//evil.example/x");
  expect(await composed("foo.bar", "/x", "javascript")).toBe("/x");
  await gateway.close();
});
