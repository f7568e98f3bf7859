/** The pages a person sees: complete without scripts, readable without styles. @module */

import { escapeHtml } from "../../lib/html.ts";

const style = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: light-dark(#f3f4f6, #15171a) }
  main { width: min(22rem, 90vw); padding: 2rem; border-radius: .75rem; background: light-dark(#fff, #22262b);
    box-shadow: 0 1px 4px #0003 }
  h1 { margin: 0 0 .25rem; font-size: 1.4rem } p { margin: 0 0 1.25rem; color: light-dark(#555, #bbb) }
  label { display: block; margin: .75rem 0 .25rem; font-weight: 600 }
  input { box-sizing: border-box; width: 100%; padding: .6rem; font: inherit; border: 1px solid #888; border-radius: .4rem }
  button { width: 100%; margin-top: 1.5rem; padding: .7rem; font: inherit; font-weight: 600; color: #fff; background: #0b5cad;
    border: 0; border-radius: .4rem; cursor: pointer }
  :focus-visible { outline: 3px solid #f5a623; outline-offset: 2px }
  [role=alert] { padding: .6rem .8rem; border-radius: .4rem; color: #7a1010; background: #fde8e8 }`;

const page = (title: string, body: string): string =>
  `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body><main>
${body}
</main></body>
</html>
`;

/** What a page may load and where its forms may lead: its own style and nothing else. */
export const CONTENT_SECURITY_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

/** The sign-in form. `message` says what was wrong with the last try. */
export function signInPage(options: {
  client: string;
  email?: string;
  message?: string;
  token: string;
}): string {
  const alert = options.message ? `<p role="alert">${escapeHtml(options.message)}</p>` : "";
  const email = escapeHtml(options.email ?? "");
  return page(
    "Sign in",
    `<h1>Sign in</h1>
<p>to continue to ${escapeHtml(options.client)}</p>
${alert}
<form method="post">
<input type="hidden" name="token" value="${escapeHtml(options.token)}">
<label for="email">E-mail</label>
<input id="email" name="email" type="email" autocomplete="username" required value="${email}"${email ? "" : " autofocus"}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required${email ? " autofocus" : ""}>
<button type="submit">Sign in</button>
</form>`,
  );
}

/** An error that ends a login; `code` is the OAuth 2.0 error code (RFC 6749, section 4.1.2.1). */
export function errorPage(code: string, description?: string): string {
  return page(
    "Cannot sign in",
    `<h1>Cannot sign in</h1>
<p role="alert">${escapeHtml(description ?? "The request could not be completed.")} (${escapeHtml(code)})</p>
<p>Go back to the application and start again.</p>`,
  );
}

/** Asks before the session at the provider ends. `form` is the provider's own, with its token. */
export function logoutPage(form: string): string {
  return page(
    "Sign out",
    `<h1>Sign out</h1>
<p>Do you want to end your session at the provider?</p>
${form}
<button type="submit" form="op.logoutForm" name="logout" value="yes">Sign out</button>`,
  );
}
