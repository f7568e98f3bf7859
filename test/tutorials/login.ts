/**
 * Deploys what `npm start` deploys, and signs in with a real Chromium: the login page, the application with the
 * identity headers, and a sign-out after which the door is closed again. Before that it tries the door without a
 * session, with a forged cookie and with forged headers.
 *
 * Usage: `node test/tutorials/login.ts [SCREENSHOT.png]`
 *
 * @module
 */

import { login } from "../../lib/cli/start/account.ts";
import { checkLogin, signInAnswers } from "../../lib/cli/start/check.ts";
import { deployAll, settled } from "../../lib/cli/start/deploy.ts";
import { stop } from "../../lib/cli/start/start.ts";
import { authorityCertificate, protectedUrl } from "../../lib/cli/start/urls.ts";
import { launchChromium } from "./chromium.ts";
import { sandbox } from "./sandbox.ts";

let passed = 0;

function holds(what: string, condition: boolean): void {
  if (!condition) throw new Error(`does not hold: ${what}`);
  passed += 1;
  console.log(`✓ ${what}`);
}

async function signInWithChromium(url: string, account: { email: string; password: string }): Promise<void> {
  const browser = await launchChromium();
  try {
    const context = await browser.newContext({
      ignoreHTTPSErrors: true,
      viewport: { width: 1000, height: 900 },
    });
    const page = await context.newPage();
    await page.goto(url);
    holds("Chromium is sent to the sign-in page", (await page.title()) === "Sign in");
    await page.getByLabel("E-mail").fill(account.email);
    await page.getByLabel("Password").fill(account.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.waitForURL(url);
    const text = (await page.textContent("body")) ?? "";
    holds("the application shows who is calling", text.includes(account.email));
    holds("the identity headers reached it", /x-auth-request-email/i.test(text));
    await page.screenshot({ path: process.argv[2] ?? "/dev/null", type: "png" });
    const cookies = await context.cookies(url);
    const session = cookies.find(({ name }) => name === "_oauth2_proxy");
    holds("the session cookie is HttpOnly and Secure", session?.httpOnly === true && session.secure);

    const stranger = await browser.newContext({ ignoreHTTPSErrors: true });
    const door = await stranger.newPage();
    await door.goto(url);
    holds("another browser is not signed in", (await door.title()) === "Sign in");
  } finally {
    await browser.close();
  }
}

const clean = sandbox();
let failed = 0;
try {
  await deployAll();
  await settled();
  const account = await login();
  const url = await protectedUrl();
  const authority = await authorityCertificate();
  await signInAnswers(url, authority);
  await checkLogin({ url, login: account, authority });
  holds("a login without a browser passes every check", true);
  await signInWithChromium(url, account);
} catch (error) {
  failed = 1;
  console.error(error);
} finally {
  await stop();
  clean();
}
console.log(`login: ${passed} passed, ${failed} failed`);
process.exitCode = failed;
