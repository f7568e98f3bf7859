/** A provider whose page posts its answer, in a real Chromium: which cookies it sends along is the browser's to say. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type FakeApi, startFakeApi } from "../../workload/forward-auth/testing/fake-api.ts";
import { type Point, startPoint } from "../../workload/forward-auth/testing/point.ts";
import { launchChromium } from "./chromium.ts";

let browser: Browser;
/** The provider, on another site than the application. */
let api: FakeApi;

/** The page that posts the answer. */
function answerPage(url: string): string {
  const asked = new URL(url, api.origin).searchParams;
  api.routes["/token"] = async () => ({
    json: { access_token: "a", id_token: await api.sign({ nonce: asked.get("nonce") }), expires_in: 3600 },
  });
  const fields = { code: "c", state: asked.get("state") ?? "", iss: api.origin };
  const inputs = Object.entries(fields).map(
    ([name, value]) => `<input type="hidden" name="${name}" value="${value}">`,
  );
  // The program, which is told that cookies are Secure, thinks that it is behind TLS.
  const action = asked.get("redirect_uri")?.replace(/^https:/, "http:");
  return `<body onload="document.forms[0].submit()"><form method="post" action="${action}">${inputs.join("")}</form>`;
}

beforeAll(async () => {
  api = await startFakeApi();
  api.routes["/authorize"] = ({ url }) => ({
    text: answerPage(url),
    headers: { "content-type": "text/html" },
  });
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await api.close();
});

/** Where somebody is led who wants a page, and what the log says. */
async function signIn(sameSite: string): Promise<{ readonly text: string; readonly log: string }> {
  const point: Point = await startPoint(undefined, {
    OAUTH2_PROXY_PROVIDER: "oidc",
    OAUTH2_PROXY_OIDC_ISSUER_URL: api.origin,
    OAUTH2_PROXY_CLIENT_ID: "client",
    OAUTH2_PROXY_CLIENT_SECRET: "secret",
    OAUTH2_PROXY_EMAIL_DOMAINS: "*",
    OAUTH2_PROXY_UPSTREAMS: "static://200",
    OAUTH2_PROXY_AUTH_REQUEST_RESPONSE_MODE: "form_post",
    OAUTH2_PROXY_COOKIE_CSRF_SAMESITE: sameSite,
    OAUTH2_PROXY_COOKIE_SAMESITE: "lax",
    OAUTH2_PROXY_SKIP_PROVIDER_BUTTON: "true",
    // Chromium takes Secure cookies from localhost, which it trusts.
    OAUTH2_PROXY_COOKIE_SECURE: "true",
  });
  const context = await browser.newContext();
  const tab = await context.newPage();
  try {
    await tab.goto(`http://localhost:${point.port}/wanted`);
    return { text: (await tab.textContent("body")) ?? "", log: point.log.join("") };
  } finally {
    await context.close();
    await point.close();
  }
}

test("with SameSite=None the login's cookie comes along, and somebody is signed in", async () => {
  expect((await signIn("none")).text).toContain("Authenticated");
});

test("with SameSite=Lax it does not: nobody is signed in, and that ends", async () => {
  const { text, log } = await signIn("lax");
  expect(text).not.toContain("Authenticated");
  expect(text).toContain("403");
  expect(log).toContain("unknown-login");
});
