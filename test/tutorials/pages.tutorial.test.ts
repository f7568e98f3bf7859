/** The pages of forward-auth in a real Chromium: what people see, by keyboard and on a small screen, and where the buttons lead. */

import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { COMPAT } from "../../workload/forward-auth/testing/compat.ts";
import { type Point, startPoint } from "../../workload/forward-auth/testing/point.ts";
import { launchChromium } from "./chromium.ts";

const folder = mkdtempSync(join(tmpdir(), "pages-"));
const servers: Server[] = [];
let browser: Browser;
let point: Point;
let origin = "";
let elsewhere = "";

/** A site that sends everybody on, or shows its name. */
async function startSite(name: string, next?: string): Promise<string> {
  const server = createServer((request, response) => {
    if (next !== undefined) response.writeHead(302, { Location: `${next}${request.url}` }).end();
    else response.writeHead(200, { "Content-Type": "text/html" }).end(`<title>${name}</title>`);
  }).listen(0);
  servers.push(server);
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeAll(async () => {
  const directory = await startSite("directory");
  elsewhere = directory;
  const provider = await startSite("provider", directory);
  const users = join(folder, "htpasswd");
  writeFileSync(users, "ada:{SHA}qUqP5cyxm6YcTAhz05Hph5gvu9M=\n");
  point = await startPoint(undefined, {
    ...COMPAT,
    OAUTH2_PROXY_LOGIN_URL: `${provider}/authorize`,
    OAUTH2_PROXY_COOKIE_SECURE: "false",
    OAUTH2_PROXY_HTPASSWD_FILE: users,
  });
  origin = `http://127.0.0.1:${point.port}`;
  browser = await launchChromium();
});

afterAll(async () => {
  await browser.close();
  await point.close();
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
  rmSync(folder, { recursive: true });
});

/** Opens a page; what it says on the console, a breach of its policy above all, is kept. */
async function open(path: string, options: { scheme?: "light" | "dark"; width?: number } = {}) {
  const context = await browser.newContext({
    colorScheme: options.scheme ?? "light",
    viewport: { width: options.width ?? 1000, height: 640 },
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    // A status above 399 is no fault of a page that says so.
    if (message.type() === "error" && !/status of 4\d\d/.test(message.text()))
      complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(`${origin}${path}`);
  return { page, complaints, close: () => context.close() };
}

const overflows = (page: Page): Promise<boolean> =>
  page.evaluate("document.documentElement.scrollWidth > window.innerWidth");

test.each([
  ["light", 1000],
  ["dark", 1000],
  ["light", 320],
  ["dark", 320],
] as const)(
  "%s, %i px wide: nothing sticks out, nothing is refused, colours follow",
  async (scheme, width) => {
    for (const path of [
      "/oauth2/sign_in",
      "/oauth2/callback?error=a-very-long-error-without-any-blank-in-it",
      "/app",
    ]) {
      const { page, complaints, close } = await open(path, { scheme, width });
      expect([path, await overflows(page), complaints]).toEqual([path, false, []]);
      const ground = await page.evaluate<string>(
        "getComputedStyle(document.documentElement).backgroundColor",
      );
      expect(ground).toBe(scheme === "dark" ? "rgb(18, 20, 26)" : "rgb(243, 244, 247)");
      await close();
    }
  },
);

test("screen readers find a main part, a heading, named fields and buttons; the keyboard reaches them in order", async () => {
  const { page, close } = await open("/oauth2/sign_in");
  expect(await page.getByRole("main").count()).toBe(1);
  expect(await page.getByRole("heading", { level: 1, name: "Sign in" }).count()).toBe(1);
  expect(await page.getByLabel("Username").getAttribute("name")).toBe("username");
  expect(await page.getByLabel("Password").getAttribute("type")).toBe("password");
  const reached: string[] = [];
  for (let step = 0; step < 4; step++) {
    await page.keyboard.press("Tab");
    reached.push(
      await page.evaluate<string>("document.activeElement.name || document.activeElement.textContent.trim()"),
    );
    expect(await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")).toBe("solid");
  }
  expect(reached).toEqual(["Sign in with OpenID Connect", "username", "password", "Sign in"]);
  await close();
});

test("the button leads to the provider and on to where the provider sends people", async () => {
  const { page, complaints, close } = await open("/app?x=1");
  await page.getByRole("button", { name: "Sign in with OpenID Connect" }).click();
  await page.waitForURL(/\/authorize\?/);
  expect([await page.title(), complaints]).toEqual(["directory", []]);
  await close();
});

test("a wrong password is told beside the form", async () => {
  const { page, close } = await open("/oauth2/sign_in?rd=%2Fapp");
  await page.getByLabel("Username").fill("ada");
  await page.getByLabel("Password").fill("wrong");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("alert").waitFor();
  expect(await page.getByRole("alert").textContent()).toBe("401: Invalid Username or Password");
  expect(await page.getByLabel("Username").getAttribute("aria-invalid")).toBe("true");
  await close();
});

test("a link on another site signs nobody out before they say so", async () => {
  const { page, close } = await open("/oauth2/sign_in");
  await page.goto(elsewhere.replace("127.0.0.1", "localhost"));
  await page.evaluate(`location.href = "${origin}/oauth2/sign_out"`);
  await page.getByRole("heading", { name: "Sign out?" }).waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(`${origin}/`);
  expect(await page.title()).toBe("Sign In");
  await close();
});

test("what others put on a page does nothing there", async () => {
  for (const path of [
    "/oauth2/callback?error=%3Cimg%20src%3Dx%20onerror%3D%22window.taken%3D1%22%3E%3Cscript%3Ewindow.taken%3D1%3C/script%3E",
    "/oauth2/sign_in?rd=%2F%22%3E%3Cscript%3Ewindow.taken%3D1%3C/script%3E",
  ]) {
    const { page, complaints, close } = await open(path);
    expect([await page.evaluate("window.taken"), complaints]).toEqual([undefined, []]);
    await close();
  }
});
