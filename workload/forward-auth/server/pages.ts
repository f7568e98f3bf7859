/** The few pages of ours: small, without script, readable by every browser and screen reader. */
import { createHash } from "node:crypto";
import { escapeHtml } from "../../lib/html.ts";

const STYLE = `:root{color-scheme:light dark;font-family:system-ui,sans-serif;line-height:1.5}
body{margin:0;min-height:100vh;display:grid;place-items:center}
main{max-width:30rem;padding:2rem}
h1{font-size:1.5rem;margin:0 0 1rem}
.button{display:inline-block;padding:.6rem 1.2rem;border:2px solid #0b57d0;border-radius:.4rem;background:#0b57d0;color:#fff;font:inherit;text-decoration:none;cursor:pointer}
.button:hover,.button:focus-visible{outline:3px solid #7cacf8;outline-offset:2px}
.detail{opacity:.8;font-size:.9rem;overflow-wrap:anywhere}`;

const STYLE_HASH = createHash("sha256").update(STYLE).digest("base64");

/** Headers of every page: nothing may be loaded, framed, cached, or told to the next site. */
export const PAGE_HEADERS: readonly string[] = [
  "Content-Type",
  "text/html; charset=utf-8",
  "Content-Security-Policy",
  `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  "X-Content-Type-Options",
  "nosniff",
  "Referrer-Policy",
  "no-referrer",
];

function page(title: string, content: string): Buffer {
  return Buffer.from(
    `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
${content}
</main>
</body>
</html>
`,
  );
}

const link = (href: string, text: string) =>
  `<p><a class="button" href="${escapeHtml(href)}">${escapeHtml(text)}</a></p>`;

/** Asks to sign in. @param start Where the sign-in begins. */
export function signInPage(provider: string, start: string): Buffer {
  return page("Sign in", `<p>You need to sign in to go on.</p>\n${link(start, `Sign in with ${provider}`)}`);
}

/** Says that somebody is signed out. */
export function signedOutPage(signIn: string): Buffer {
  return page(
    "You are signed out",
    `<p>Close the browser if others use this computer.</p>\n${link(signIn, "Sign in again")}`,
  );
}

/** Asks whether to sign out: another site's link led here. */
export function confirmSignOutPage(action: string): Buffer {
  const form = `<form method="post" action="${escapeHtml(action)}"><button class="button" type="submit">Sign out</button></form>`;
  return page("Sign out?", `<p>A link on another site asks to sign you out.</p>\n${form}`);
}

/** What an error page says. */
export interface ErrorText {
  readonly title: string;
  readonly text: string;
  /** Somebody who runs the site finds the request in the log by it. */
  readonly requestId: string;
  readonly action?: { readonly href: string; readonly text: string };
}

/** Says what went wrong and what to do. */
export function errorPage({ title, text, requestId, action }: ErrorText): Buffer {
  const detail = `<p class="detail">Request ${escapeHtml(requestId)}</p>`;
  return page(
    title,
    [`<p>${escapeHtml(text)}</p>`, ...(action ? [link(action.href, action.text)] : []), detail].join("\n"),
  );
}
