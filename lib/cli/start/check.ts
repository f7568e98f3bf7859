import { setTimeout as delay } from "node:timers/promises";
import type { Login } from "./account.ts";
import { Browser, hiddenFields, type Page } from "./browser.ts";

/** What a login needs to be tried. */
export interface CheckOptions {
  readonly url: string;
  readonly login: Login;
  /** Certificate, in PEM, that signed the gateway's. */
  readonly authority: string;
  readonly print?: (line: string) => void;
}

/** Without what is random or secret: the query of a redirect says where to, not with what. */
const shown = (url: URL | string): string => String(url).replace(/\?.*/s, "?…");

function hopLine({ url, status, headers }: Page): string {
  const to = headers.location === undefined ? "" : ` → ${shown(headers.location)}`;
  return `  ${status}  ${shown(url)}${to}`;
}

/** Anything of the application in an answer means that it was reached. */
export const showsApplication = (body: string): boolean =>
  body.includes("This application has no sign-in of its own");

const isSignIn = (page: Page): boolean => /type="password"/.test(page.body);

/**
 * Waits until the protected application leads to the sign-in page: a decision point that has just been told of its
 * provider asks it first.
 *
 * @throws {Error} When it does not in 30 seconds, with the last answer.
 */
export async function signInAnswers(url: string, authority: string): Promise<void> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const page = await new Browser({ authority }).visit(new URL(url));
    if (isSignIn(page)) return;
    if (performance.now() > deadline) {
      throw new Error(`Cannot sign in: ${shown(page.url)} answers ${page.status} and shows no sign-in form`);
    }
    await delay(100);
  }
}

/**
 * Signs in as a browser would, and tries the door before: without a session, with a forged one, and with forged
 * identity headers the application must not answer.
 *
 * @throws {Error} At the first thing that is not as it must be.
 */
export async function checkLogin({
  url,
  login,
  authority,
  print = console.log,
}: CheckOptions): Promise<void> {
  const start = new URL(url);
  const forgeries: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    "without a session": {},
    "with a forged cookie": { cookie: "_oauth2_proxy=forged" },
    "with forged headers": {
      "x-auth-request-user": "admin",
      "x-auth-request-email": "admin@example.com",
      "x-forwarded-user": "admin",
      "x-forwarded-host": "elsewhere.example.com",
      "x-forwarded-uri": "/oauth2/sign_in",
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-proto": "https",
    },
  };
  for (const [title, headers] of Object.entries(forgeries)) {
    const page = await new Browser({ authority }).fetch(start, { headers });
    print(`${title}:\n${hopLine(page)}`);
    if (showsApplication(page.body)) throw new Error(`Cannot accept: ${title}, the application answered`);
  }

  print("signing in:");
  const browser = new Browser({ authority, onHop: (page) => print(hopLine(page)) });
  const form = await browser.visit(start);
  if (!/type="password"/.test(form.body))
    throw new Error(`Cannot sign in: ${shown(form.url)} shows no sign-in form`);
  const fields = { ...hiddenFields(form.body), email: login.email, password: login.password };
  let page = await browser.visit(form.url, { method: "POST", form: fields });
  // Traefik takes in changes of its folder every two seconds at most; until then the route may have no server.
  for (let tries = 0; page.status === 503 && tries < 20; tries++) {
    await delay(500);
    page = await browser.visit(start);
  }
  if (!showsApplication(page.body))
    throw new Error(`Cannot sign in: ended at ${shown(page.url)} with ${page.status}`);
  if (!page.body.includes(login.email))
    throw new Error(`Cannot accept: the application does not know ${login.email}`);
  print(`the application answers ${login.email}`);
}
