/**
 * An enforcement point from outside: requests to an application behind it, as a stranger, as a forger, and with `--as` as
 * somebody who is signed in.
 *
 * What an application sees of a request can only be told when it shows it: an application that answers with the request's
 * headers, such as whoami, makes the last checks possible.
 */
import { randomBytes } from "node:crypto";
import { request } from "undici";
import { reasonOf } from "../provider/provider.ts";
import { createSessionStore } from "../session/create.ts";
import type { Session } from "../session/session.ts";
import type { Settings } from "../settings.ts";
import { type Finding, Findings } from "./finding.ts";

/** Milliseconds for an answer. */
const TIMEOUT = 10_000;

/** Bytes of an answer that are looked at. */
const MOST = 1024 * 1024;

interface Answer {
  readonly status: number;
  /** Absolute; undefined when there was none. */
  readonly location: URL | undefined;
  readonly body: string;
}

type Headers = Readonly<Record<string, string>>;

const BROWSER = {
  accept: "text/html,*/*;q=0.8",
  "sec-fetch-mode": "navigate",
  "user-agent": "forward-auth-check",
};
const SCRIPT = { accept: "application/json", "user-agent": "forward-auth-check" };

async function ask(url: URL, headers: Headers): Promise<Answer> {
  const {
    statusCode,
    headers: got,
    body,
  } = await request(url.href, { headers, signal: AbortSignal.timeout(TIMEOUT) });
  let text = "";
  for await (const chunk of body) {
    text += String(chunk);
    if (text.length > MOST) break;
  }
  const { location } = got;
  const absolute =
    typeof location === "string" && URL.canParse(location, url.href)
      ? new URL(location, url.href)
      : undefined;
  return { status: statusCode, location: absolute, body: text };
}

const allowed = ({ status }: Answer): boolean => status >= 200 && status < 300;

const redirects = ({ status, location }: Answer): boolean =>
  status >= 300 && status < 400 && location !== undefined;

/** Where a login returns to, so far as the way to it shows. */
function returnOf(location: URL): string | undefined {
  const direct = location.searchParams.get("rd");
  const state = location.searchParams.get("state");
  return direct ?? (state?.includes(":") ? state.slice(state.indexOf(":") + 1) : undefined);
}

/** A stranger must be sent to the sign-in, or be refused. */
async function asStranger(url: URL, settings: Settings, findings: Findings): Promise<boolean> {
  const answer = await ask(url, BROWSER);
  if (allowed(answer)) {
    findings.problem(`a stranger's request is answered ${answer.status}: nothing protects ${url.href}`, {
      fix: "attach the gateway's authentication to this route, or name a path that needs a login",
    });
    return false;
  }
  if (answer.status >= 500 || answer.status === 400) {
    findings.problem(`a stranger's request is answered ${answer.status}`, {
      fix: "the gateway does not reach the decision point, or sends it what it refuses: look at both logs",
    });
    return false;
  }
  findings.ok(`a stranger's request is answered ${answer.status}`);
  if (redirects(answer) && answer.location !== undefined)
    aboutRedirect(answer.location, url, settings, findings);
  return true;
}

function aboutRedirect(
  location: URL,
  url: URL,
  { publicAddress, options }: Settings,
  findings: Findings,
): void {
  const callback = location.searchParams.get("redirect_uri") ?? publicAddress?.callback;
  if (callback?.startsWith("http:") && url.protocol === "https:") {
    findings.problem(`the callback is plain HTTP: ${callback}`, {
      option: "redirect_url",
      fix: "set it to the https address; without it, have the gateway send X-Forwarded-Proto and trust it",
    });
  }
  const back = returnOf(location);
  const path = `${url.pathname}${url.search}`;
  if (back === undefined) return;
  if (back === url.href || back === path) findings.ok("a login returns to the page that was asked for");
  else {
    findings.problem(`a login returns to "${back.slice(0, 200)}" instead of ${url.href}`, {
      option: options.reverse_proxy ? "trusted_proxy_ips" : "reverse_proxy",
      fix: "have the gateway send X-Forwarded-Proto, -Host and -Uri, turn reverse_proxy on, and trust the gateway's address",
    });
  }
}

async function asScript(url: URL, findings: Findings): Promise<void> {
  const answer = await ask(url, SCRIPT);
  if (answer.status === 401 || answer.status === 403)
    findings.ok(`a script's request is answered ${answer.status}`);
  else findings.warn(`a script's request is answered ${answer.status}, where scripts expect 401`);
}

const mark = (): string => `forged-${randomBytes(9).toString("hex")}`;

/** Headers that somebody may hope are believed. */
function forgeries(url: URL, forged: string): readonly (readonly [string, Headers])[] {
  const identity = {
    "x-auth-request-user": forged,
    "x-auth-request-email": `${forged}@example.com`,
    "x-forwarded-user": forged,
    "x-forwarded-email": `${forged}@example.com`,
    authorization: `Bearer ${forged}`,
  };
  return [
    ["identity headers", identity],
    ["an own forwarded address", { "x-forwarded-uri": "/ping", "x-original-url": `${url.origin}/ping` }],
    ["an own forwarded method", { "x-forwarded-method": "OPTIONS", "x-original-method": "OPTIONS" }],
    ["an own client address", { "x-forwarded-for": "127.0.0.1", "x-real-ip": "127.0.0.1" }],
  ];
}

async function asForger(url: URL, findings: Findings): Promise<void> {
  for (const [what, headers] of forgeries(url, mark())) {
    const answer = await ask(url, { ...BROWSER, ...headers });
    if (!allowed(answer)) findings.ok(`with ${what} a stranger's request is answered ${answer.status}`);
    else {
      findings.problem(`${what} of a stranger are believed: answered ${answer.status}`, {
        fix: "have the gateway set or remove these headers itself, and trust its address only",
      });
    }
  }
}

/** Milliseconds that such a session is good for. */
const LIFE = 60_000;

/**
 * A session that nobody signed in to, as the running program will read it. It is nearly at its end; where sessions are
 * refreshed, an old one without tokens would end at once, so there it is new and its token is nearly at its end.
 */
function sessionOf(settings: Settings, email: string): Session {
  const now = Date.now();
  const refreshed = settings.options.cookie_refresh > 0;
  const at = refreshed ? now : now - Math.max(0, settings.sessionLife - LIFE);
  const [provider] = settings.structure.providers;
  return {
    id: randomBytes(16).toString("base64url"),
    issuer: provider?.oidc.issuerUrl ?? "",
    ...(provider === undefined ? {} : { provider: provider.id }),
    subject: email,
    email,
    preferredUsername: email,
    groups: settings.options.allowed_groups,
    createdAt: at,
    refreshedAt: at,
    ...(refreshed ? { expiresOn: now + LIFE } : {}),
  };
}

/** Runs `use` with the cookies of such a session, and ends it. */
async function withSession(
  settings: Settings,
  url: URL,
  email: string,
  use: (cookie: string) => Promise<void>,
): Promise<void> {
  const store = createSessionStore(settings, {
    attributes: () => ({ path: "/", domain: "", secure: true, httpOnly: true, sameSite: "" }),
    headers: () => [],
    now: Date.now,
    redis: { connected: () => {}, lost: () => {} },
  });
  try {
    const entry = store.entry(sessionOf(settings, email));
    const set = await store.save("", entry, url.hostname);
    await use(set.map((text) => text.split(";", 1)[0]).join("; "));
    await store.end(entry);
  } finally {
    await store.close();
  }
}

/** Somebody who is signed in must get through, and the application must learn who it is, whatever else is sent. */
async function asPerson(url: URL, cookie: string, email: string, findings: Findings): Promise<void> {
  const forged = mark();
  const [identity = ["", {}]] = forgeries(url, forged);
  const plain = await ask(url, { ...BROWSER, cookie });
  if (!allowed(plain)) {
    findings.problem(`${email} is answered ${plain.status} although signed in`, {
      fix: "have the gateway hand on the Cookie header; the address must be one that may pass, and the secret that of the running program",
    });
    return;
  }
  findings.ok(`${email} is answered ${plain.status} when signed in`);
  if (!plain.body.includes(email)) {
    findings.warn("the application does not show who asks: whether it learns that cannot be told", {
      fix: "name an application that answers with the request's headers, such as whoami",
    });
    return;
  }
  findings.ok("the application learns who asks");
  const { authorization: _, ...headers } = identity[1];
  const answer = await ask(url, { ...BROWSER, cookie, ...headers });
  if (!answer.body.includes(forged)) findings.ok("forged identity headers do not reach the application");
  else {
    findings.problem("forged identity headers reach the application", {
      option: "set_xauthrequest",
      fix: "have the gateway copy every identity header of the decision's answer, or remove these headers from requests",
    });
  }
}

/** What the checks of a gateway need. */
export interface GatewayTarget {
  /** An address that needs a login. */
  readonly url: URL;
  /** Who to be signed in as; undefined: nobody. */
  readonly as: string | undefined;
}

/** Asks an application behind the gateway. */
export async function checkGateway(
  { url, as }: GatewayTarget,
  settings: Settings,
): Promise<readonly Finding[]> {
  const findings = new Findings("gateway");
  try {
    if (await asStranger(url, settings, findings)) {
      await asScript(url, findings);
      await asForger(url, findings);
      if (as !== undefined) {
        await withSession(settings, url, as, (cookie) => asPerson(url, cookie, as, findings));
      }
    }
  } catch (error) {
    findings.problem(`${url.href} cannot be asked: ${reasonOf(error)}`, {
      fix: "look at the address, and whether the gateway runs",
    });
  }
  return findings.list;
}
