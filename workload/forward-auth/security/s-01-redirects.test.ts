/** S-01: where a login or a sign-out may lead, by every entrance. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CompatWorld, startCompat, targetOf } from "../testing/compat-world.ts";
import { type Answer, ask } from "../testing/question.ts";

const vectors = JSON.parse(readFileSync(new URL("../testdata/redirects.json", import.meta.url), "utf8")) as {
  readonly rejected: readonly string[];
  readonly accepted: readonly string[];
  readonly acceptedBeyondUpstream: readonly string[];
};

const WHITELIST =
  "foo.bar,.bar.foo,port.bar:8080,.sub.port.bar:8080,anyport.bar:*,.sub.anyport.bar:*,*.wildcard.bar,*.wildcard.sub.port.bar:8080,*.wildcard.sub.anyport.bar:*";

let world: CompatWorld;
beforeAll(async () => {
  world = await startCompat({ OAUTH2_PROXY_WHITELIST_DOMAINS: WHITELIST });
});
afterAll(() => world.close());

const HOST = ["Host", "app.example.com"];
const get = (path: string, headers: readonly string[] = []): Promise<Answer> =>
  ask(world.point.port, path, [...HOST, ...headers]);
const leadsTo = async (target: string) => ({
  start: targetOf(await get(`/oauth2/start?rd=${encodeURIComponent(target)}`)),
  signOut: (await get(`/oauth2/sign_out?rd=${encodeURIComponent(target)}`)).headers.get("location"),
});
/** Values that a header can have at all. */
const inHeader = (target: string): boolean => /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(target);
const byHeader = async (target: string) =>
  targetOf(await get("/oauth2/start", ["X-Auth-Request-Redirect", target]));

test.each(vectors.rejected)("S-01 %j leads to /", async (target) => {
  expect(await leadsTo(target)).toEqual({ start: "/", signOut: "/" });
  if (inHeader(target)) expect(await byHeader(target)).toBe("/");
});

test.each([...vectors.accepted, ...vectors.acceptedBeyondUpstream])("S-01 %j is followed", async (target) => {
  expect(await leadsTo(target)).toEqual({ start: target, signOut: target });
  if (inHeader(target)) expect(await byHeader(target)).toBe(target);
});

test.each([
  "%2Fx%0d%0aSet-Cookie:%20x=1",
  "/x%0aLocation:%20https://evil.example/",
  "/%E5%98%8A%E5%98%8DSet-Cookie:%20x=1",
  "/%C4%8ASet-Cookie:%20x=1",
])("S-01 rd=%s splits no answer", async (rd) => {
  for (const path of ["start", "sign_out", "sign_in"]) {
    const answer = await get(`/oauth2/${path}?rd=${rd}`);
    expect(answer.headers.get("set-cookie") ?? "").not.toMatch(/(?:^|\n)x=1/);
    expect(answer.headers.get("location") ?? "/").toMatch(/^[\x21-\x7e]+$/);
  }
});

test("S-01 a composed address of a trusted gateway is validated like others", async () => {
  const gateway = await startCompat({
    OAUTH2_PROXY_REVERSE_PROXY: "true",
    OAUTH2_PROXY_WHITELIST_DOMAINS: "foo.bar",
    OAUTH2_PROXY_REDIRECT_URL: "https://login.example.com/oauth2/callback",
  });
  const composed = async (host: string, uri: string, proto = "https") => {
    const told = ["X-Forwarded-Host", host, "X-Forwarded-Proto", proto, "X-Forwarded-Uri", uri];
    return targetOf(await ask(gateway.point.port, "/oauth2/start", [...HOST, ...told]));
  };
  expect(await composed("foo.bar", "/deep?x=1")).toBe("https://foo.bar/deep?x=1");
  expect(await composed("evil.example", "/x")).toBe("/x");
  expect(await composed("foo.bar", "//evil.example/x")).toBe("https://foo.bar//evil.example/x");
  expect(await composed("foo.bar", "/x", "javascript")).toBe("/x");
  await gateway.close();
});
