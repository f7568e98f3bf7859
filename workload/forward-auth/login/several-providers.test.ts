/** Several providers in one program: who chooses, what a session remembers, and that one provider cannot answer for another. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Browser } from "../testing/browser.ts";
import { type FakeApi, Fakes } from "../testing/fake-api.ts";
import { type Point, startPoint } from "../testing/point.ts";

const fakes = new Fakes();
const folder = mkdtempSync(join(tmpdir(), "several-"));
let point: Point;
let staff: FakeApi;
let guests: FakeApi;
let base: string;
let browser: Browser;

async function start(more: Readonly<Record<string, string>> = {}): Promise<void> {
  const file = join(folder, "alpha.yaml");
  const provider = (id: string, { origin }: FakeApi, name: string, rest: string) =>
    `  - { id: ${id}, provider: oidc, name: ${name}, clientID: client, clientSecret: secret-${id}, ${rest}
      oidcConfig: { issuerURL: "${origin}" } }\n`;
  writeFileSync(
    file,
    `server: { bindAddress: "127.0.0.1:0" }
upstreamConfig: { upstreams: [{ id: all, path: /, static: true, staticCode: 200 }] }
providers:
${provider("staff", staff, "Staff", "allowedGroups: [ops],")}${provider("guests", guests, "Guests", "")}`,
  );
  point = await startPoint(
    undefined,
    {
      OAUTH2_PROXY_EMAIL_DOMAINS: "*",
      OAUTH2_PROXY_HTTP_ADDRESS: "",
      OAUTH2_PROXY_SET_XAUTHREQUEST: "",
      OAUTH2_PROXY_COOKIE_SECURE: "false",
      ...more,
    },
    [`--alpha-config=${file}`],
  );
  base = `http://127.0.0.1:${point.port}`;
}

beforeEach(async () => {
  [staff, guests] = await Promise.all([fakes.start(), fakes.start()]);
  browser = new Browser();
  await start();
});
afterEach(async () => {
  await point.close();
  await fakes.close();
  return () => rmSync(folder, { recursive: true, force: true });
});

/** Begins a sign-in, and has the provider that answers tell who it is. */
async function begin(query: string, answering: FakeApi, claims: object = {}): Promise<URL> {
  const { status, headers } = await browser.ask(`${base}/oauth2/start?${query}`);
  expect(status).toBe(302);
  const target = new URL(headers.get("location") ?? "");
  const nonce = target.searchParams.get("nonce");
  answering.routes["/token"] = async () => ({
    json: { access_token: "a", id_token: await answering.sign({ nonce, ...claims }), expires_in: 3600 },
  });
  return target;
}

const comeBack = (target: URL, more = "") =>
  browser.ask(
    `${base}/oauth2/callback?code=c&state=${encodeURIComponent(target.searchParams.get("state") ?? "")}${more}`,
  );

const asked = ({ calls }: FakeApi, path: string) => calls.filter(({ url }) => url === path).length;

test("people choose, on a page with a button for each, wherever they come from", async () => {
  for (const path of ["/app", "/oauth2/start?rd=%2Fapp", "/oauth2/sign_in?rd=%2Fapp"]) {
    const { text } = await browser.ask(`${base}${path}`);
    expect([path, text.includes("Staff"), text.includes("Guests")]).toEqual([path, true, true]);
    for (const id of ["staff", "guests"]) expect(text).toContain(`name="provider" value="${id}"`);
  }
  const { status } = await browser.ask(`${base}/oauth2/start?provider=nobody`);
  expect(status).toBe(200);
});

test.each([
  ["staff", 202],
  ["guests", 202],
])("a session remembers that it is %s's", async (id, expected) => {
  const [mine, other] = id === "staff" ? [staff, guests] : [guests, staff];
  const target = await begin(`provider=${id}&rd=%2Fapp`, mine);
  expect([target.origin, target.searchParams.get("client_id")]).toEqual([mine.origin, "client"]);
  const back = await comeBack(target, `&iss=${encodeURIComponent(mine.origin)}`);
  expect([back.status, back.headers.get("location")]).toEqual([302, "/app"]);
  expect((await browser.ask(`${base}/oauth2/auth`)).status).toBe(expected);
  const { authorization } = mine.calls.find(({ url }) => url === "/token") ?? {};
  expect(authorization).toBe(`Basic ${btoa(`client:secret-${id}`)}`);
  expect(asked(other, "/token")).toBe(0);
  const found = await point.serving.context.sessions.load(browser.header(new URL(base)));
  expect(found?.session).toMatchObject({ provider: id });
});

test("groups that one provider asks for do not count for another", async () => {
  const refused = await comeBack(await begin("provider=staff", staff, { groups: ["dev"] }));
  expect(refused.status).toBe(403);
  const admitted = await comeBack(await begin("provider=guests", guests, { groups: ["dev"] }));
  expect(admitted.status).toBe(302);
});

test("S-14 an answer of the other provider is refused: by iss before anything is sent, by its token without it", async () => {
  const target = await begin("provider=staff", guests);
  const told = await comeBack(target, `&iss=${encodeURIComponent(guests.origin)}`);
  expect([told.status, asked(staff, "/token"), asked(guests, "/token")]).toEqual([403, 0, 0]);
  const again = await begin("provider=staff", guests);
  staff.routes["/token"] = guests.routes["/token"] ?? {};
  const silent = await comeBack(again);
  expect([silent.status, asked(staff, "/token"), asked(guests, "/token")]).toEqual([500, 1, 0]);
  expect((await browser.ask(`${base}/oauth2/auth`)).status).toBe(401);
});

test("S-14 the provider is in the login's cookie: the answer cannot choose it", async () => {
  const target = await begin("provider=guests", guests);
  await comeBack(target, "&provider=staff");
  expect([asked(staff, "/token"), asked(guests, "/token")]).toEqual([0, 1]);
});

test("a session of a provider that is gone is none", async () => {
  const cookie = point.cookie({ provider: "former" });
  const { status } = await new Browser().ask(`${base}/oauth2/auth`, { headers: { Cookie: cookie } });
  expect(status).toBe(401);
  const same = point.cookie({ provider: "guests" });
  expect((await new Browser().ask(`${base}/oauth2/auth`, { headers: { Cookie: same } })).status).toBe(202);
});

test("one provider that is down does not keep people from the other", async () => {
  await guests.close();
  await point.close();
  await start();
  expect((await browser.ask(`${base}/oauth2/start?provider=guests`)).status).toBe(503);
  const back = await comeBack(await begin("provider=staff", staff));
  expect(back.status).toBe(302);
});
