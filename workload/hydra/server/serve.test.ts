import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import * as oidc from "openid-client";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseConfig } from "../config.ts";
import { type Running, serve } from "./serve.ts";

const quiet = pino({ level: "silent" });
const folder = mkdtempSync(path.join(tmpdir(), "hydra-"));
const redirectUri = "http://127.0.0.1:9/callback";

/** A browser: keeps cookies and follows redirects until one leads to the application. */
class Browser {
  readonly #cookies = new Map<string, string>();
  readonly #map: (url: URL) => URL;
  constructor(map: (url: URL) => URL) {
    this.#map = map;
  }
  async fetch(url: URL, init: RequestInit = {}): Promise<Response> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(this.#map(url), {
      ...init,
      redirect: "manual",
      headers: { ...init.headers, cookie },
    });
    for (const line of response.headers.getSetCookie()) {
      const [name, value] = (line.split(";")[0] ?? "").split(/=(.*)/s);
      if (name) this.#cookies.set(name, value ?? "");
    }
    return response;
  }
  /** Follows redirects; ends at a page, or at the URL of the application. */
  async visit(start: URL, init: RequestInit = {}): Promise<{ url: URL; response: Response }> {
    let url = start;
    let response = await this.fetch(url, init);
    for (let hop = 0; hop < 10 && response.headers.has("location"); hop++) {
      url = new URL(response.headers.get("location") as string, url);
      if (url.href.startsWith(redirectUri)) break;
      response = await this.fetch(url);
    }
    return { url, response };
  }
}

let running: Running;
let issuer: string;
const configText = (port: number, admin: number) => `
dsn: sqlite://${folder}/db.sqlite?_fk=true
dev: true
serve: { public: { host: 127.0.0.1, port: ${port} }, admin: { host: 127.0.0.1, port: ${admin} } }
secrets: { system: [0123456789abcdef0123456789abcdef] }
urls: { self: { issuer: "http://id.localhost" } }
`;

const api = async (
  method: string,
  where: string,
  body?: unknown,
): Promise<{ status: number; body: never }> => {
  const response = await fetch(`http://127.0.0.1:${running.adminPort}${where}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: (text === "" ? undefined : JSON.parse(text)) as never };
};

/** Sends what is meant for the issuer to the port it listens on. */
const toServer = (url: URL): URL => {
  const mapped = new URL(url);
  if (mapped.hostname === "id.localhost") mapped.host = `127.0.0.1:${running.publicPort}`;
  return mapped;
};

beforeAll(async () => {
  running = await serve(parseConfig(configText(0, 0)), { log: quiet });
  issuer = "http://id.localhost";
});
afterAll(async () => {
  await running.close();
  rmSync(folder, { recursive: true });
});

async function discover(clientId: string, secret: string): Promise<oidc.Configuration> {
  return oidc.discovery(new URL(issuer), clientId, secret, undefined, {
    execute: [oidc.allowInsecureRequests],
    [oidc.customFetch]: (url, options) => fetch(toServer(new URL(url)), options as RequestInit),
  });
}

async function begin(browser: Browser, config: oidc.Configuration) {
  const verifier = oidc.randomPKCECodeVerifier();
  const nonce = oidc.randomNonce();
  const start = oidc.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: "openid email profile groups offline_access",
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state: "a-state-of-eight",
    nonce,
  });
  return { verifier, nonce, ...(await browser.visit(start)) };
}

const tokenOf = (html: string): string => /name="token" value="([^"]+)"/.exec(html)?.[1] ?? "";
const signInBody = (token: string, password: string) => ({
  method: "POST",
  body: new URLSearchParams({ email: "ada@example.com", password, token }),
});

describe("the code flow", () => {
  test("signs a person in and gives the claims that were asked for", async () => {
    const { body: client } = await api("POST", "/admin/clients", {
      client_name: "proxy",
      redirect_uris: [redirectUri],
      grant_types: ["authorization_code", "refresh_token"],
    });
    const { client_id, client_secret } = client as { client_id: string; client_secret: string };
    expect(client_secret).toHaveLength(26);
    const { body: account } = await api("POST", "/admin/accounts", {
      email: "Ada@example.com",
      groups: ["staff"],
    });
    const { password } = account as { password: string };

    const config = await discover(client_id, client_secret);
    const browser = new Browser(toServer);
    const { verifier, nonce, url, response } = await begin(browser, config);
    const html = await response.text();
    expect(html).toContain("to continue to proxy");

    const wrong = await browser.fetch(url, signInBody(tokenOf(html), "wrong-password"));
    expect(wrong.status).toBe(401);
    expect(await wrong.text()).toContain("The e-mail address or the password is wrong.");
    const forged = await browser.fetch(url, signInBody("forged", password));
    expect(forged.status).toBe(403);
    const stranger = await new Browser(toServer).fetch(url, signInBody(tokenOf(html), password));
    expect(stranger.status).toBe(400);

    const done = await browser.visit(url, signInBody(tokenOf(html), password));
    const tokens = await oidc.authorizationCodeGrant(config, done.url, {
      pkceCodeVerifier: verifier,
      expectedState: "a-state-of-eight",
      expectedNonce: nonce,
    });
    expect(tokens.claims()).toMatchObject({
      email: "ada@example.com",
      email_verified: true,
      groups: ["staff"],
    });
    const userinfo = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims()?.sub ?? "");
    expect(userinfo.email).toBe("ada@example.com");
    const fresh = await oidc.refreshTokenGrant(config, tokens.refresh_token as string);
    expect(fresh.access_token).not.toBe(tokens.access_token);

    const again = await begin(browser, config);
    expect(again.url.searchParams.get("code")).not.toBeNull();
  });

  test("a wrong client secret is refused", async () => {
    const { body } = await api("POST", "/admin/clients", { grant_types: ["client_credentials"] });
    const { client_id, client_secret } = body as { client_id: string; client_secret: string };
    const granted = await oidc.clientCredentialsGrant(await discover(client_id, client_secret), {});
    expect(granted.access_token).toBeTruthy();
    const refused = oidc.clientCredentialsGrant(await discover(client_id, "wrong"), {});
    await expect(refused).rejects.toMatchObject({ error: "invalid_client" });
  });
});

describe("the admin API", () => {
  test("creates, shows, replaces and deletes clients, and never shows a secret again", async () => {
    const { body: made } = await api("POST", "/admin/clients", {
      redirect_uris: [redirectUri],
      metadata: { a: 1 },
    });
    const { client_id, client_secret } = made as { client_id: string; client_secret: string };
    const { body: shown } = await api("GET", `/admin/clients/${client_id}`);
    expect(shown).toMatchObject({ client_id, metadata: { a: 1 } });
    expect(JSON.stringify(shown)).not.toContain(client_secret);
    const replaced = await api("PUT", `/admin/clients/${client_id}`, {
      redirect_uris: [redirectUri],
      client_name: "new",
    });
    expect(replaced.body).toMatchObject({ client_name: "new" });
    expect((await api("DELETE", `/admin/clients/${client_id}`)).status).toBe(204);
    expect((await api("GET", `/admin/clients/${client_id}`)).status).toBe(404);
  });

  test.each([
    ["POST", "/admin/clients", { redirect_uris: ["nonsense"] }, 400],
    ["POST", "/admin/clients", [], 400],
    ["POST", "/admin/clients", { grant_types: ["authorization_code"] }, 400],
    ["POST", "/admin/accounts", { email: "nobody" }, 400],
    ["DELETE", "/admin/accounts/none@example.com", undefined, 404],
    ["GET", "/admin/clients/none", undefined, 404],
    ["GET", "/nowhere", undefined, 404],
    ["GET", "/health/ready", undefined, 200],
  ])("%s %s with %j answers %i", async (method, where, body, status) => {
    expect((await api(method, where, body)).status).toBe(status);
  });

  test("introspection tells an active token from another", async () => {
    const { body } = await api("POST", "/admin/clients", { grant_types: ["client_credentials"] });
    const { client_id, client_secret } = body as { client_id: string; client_secret: string };
    const { access_token } = await oidc.clientCredentialsGrant(await discover(client_id, client_secret), {});
    const ask = async (token: string) => {
      const response = await fetch(`http://127.0.0.1:${running.adminPort}/admin/oauth2/introspect`, {
        method: "POST",
        body: new URLSearchParams({ token }),
      });
      return (await response.json()) as { active: boolean };
    };
    expect(await ask(access_token)).toMatchObject({ active: true, client_id });
    expect(await ask("other")).toEqual({ active: false });
    await api("DELETE", `/admin/oauth2/tokens?client_id=${client_id}`);
    expect(await ask(access_token)).toEqual({ active: false });
  });
});

test("an account rests after eight wrong passwords", async () => {
  const { Accounts } = await import("../store/accounts.ts");
  const { openDatabase } = await import("../store/database.ts");
  let now = 0;
  const accounts = new Accounts(openDatabase("memory"), () => now);
  await accounts.save({ email: "eve@example.com", password: "a-good-password" });
  for (let i = 0; i < 8; i++) expect(await accounts.authenticate("eve@example.com", "wrong")).toBeUndefined();
  expect(await accounts.authenticate("eve@example.com", "a-good-password")).toBe("locked");
  now = 61_000;
  expect(await accounts.authenticate("eve@example.com", "a-good-password")).toMatchObject({
    email: "eve@example.com",
  });
});
