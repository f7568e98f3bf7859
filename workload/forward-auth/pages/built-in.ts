/** The pages that we bring. */
import { type Frame, layout } from "./layout.ts";
import { address, goTo, type Html, hidden, html, link, raw } from "./markup.ts";
import type { ErrorView, ProviderChoice, SignInView } from "./views.ts";
import { messageOf, nameOf } from "./words.ts";

/** What the sign-in page of a deployment shows. */
export interface SignInFrame extends Frame {
  /** An element; empty: no picture. */
  readonly logo: string;
  /** HTML above the button; empty: none. */
  readonly banner: string;
  /** True for the form with user and password. */
  readonly form: boolean;
}

const FORM_FAULTS: Readonly<Record<number, string>> = {
  400: "400: Username cannot be empty",
  401: "401: Invalid Username or Password",
};

function button({ prefix, redirect }: SignInView, { id, name }: ProviderChoice): Html {
  const choice = id === "" ? undefined : hidden("provider", id);
  return html`<form method="GET" action="${address(`${prefix}/start`)}">${hidden("rd", redirect)}${choice}
<button type="submit">Sign in with ${name}</button></form>
`;
}

function passwordForm({ status, prefix, redirect }: SignInView, apart: boolean): Html {
  const fault = FORM_FAULTS[status];
  const alert = fault === undefined ? undefined : html`<p role="alert" id="fault">${fault}</p>\n`;
  const invalid = fault === undefined ? undefined : raw(' aria-invalid="true" aria-describedby="fault"');
  const rule = apart ? raw("<hr>\n") : undefined;
  return html`${rule}${alert}<form method="POST" action="${address(`${prefix}/sign_in`)}">${hidden("rd", redirect)}
<label>Username<input type="text" name="username" autocomplete="username" autocapitalize="none" spellcheck="false" required${invalid}></label>
<label>Password<input type="password" name="password" autocomplete="current-password" required${invalid}></label>
<button type="submit">Sign in</button></form>
`;
}

/** The page with the buttons and the form to sign in. */
export function signInPage(frame: SignInFrame, view: SignInView): Buffer {
  const logo = frame.logo === "" ? undefined : html`<h1 class="logo">${raw(frame.logo)}</h1>\n`;
  const banner =
    frame.banner === "" ? undefined : html`<div class="banner"><p>${raw(frame.banner)}</p></div>\n`;
  const buttons = view.providers.map((provider) => button(view, provider));
  const form = frame.form ? passwordForm(view, buttons.length > 0) : undefined;
  return layout(
    frame,
    "Sign In",
    html`${logo}${banner}${buttons}${form}`,
    logo === undefined ? "Sign in" : undefined,
  );
}

function errorActions({ prefix, redirect, action }: ErrorView): Html {
  if (action !== undefined) return link(action.href, action.text);
  if (redirect === "") return raw("");
  return html`<div class="actions">${goTo(redirect, "Go back", "second")}<form method="GET" action="${address(`${prefix}/sign_in`)}">${hidden("rd", redirect)}<button type="submit">Sign in</button></form></div>`;
}

/** The page that says what went wrong. @param text The words that are shown. */
export function errorPage(frame: Frame, view: ErrorView, text: string): Buffer {
  const { status, requestId, title } = view;
  if (title !== undefined) {
    const content = html`<h1>${title}</h1>\n<p>${text}</p>\n${errorActions(view)}<p class="detail">Request ID: ${requestId}</p>`;
    return layout(frame, title, content);
  }
  const name = nameOf(status);
  const content = html`<p class="code">${status}</p>
<h1>${name}</h1>
<details open><summary>More Info</summary>
<p>${text}</p>
<p class="detail">Request ID: ${requestId}</p></details>
${errorActions(view)}`;
  return layout(frame, `${status} ${name}`, content);
}

/** The words of an error page. @param debug True: what went wrong inside, if that is known. */
export function errorText(view: ErrorView, debug: boolean): string {
  const cause = debug ? view.cause : undefined;
  return cause || view.text || messageOf(view.status);
}

/** Says that somebody is signed out. */
export function signedOutPage(frame: Frame, signIn: string): Buffer {
  return layout(
    frame,
    "You are signed out",
    html`<h1>You are signed out</h1>
<p>Close the browser if others use this computer.</p>
${link(signIn, "Sign in again")}`,
  );
}

/** Asks whether to sign out: another site's link led here. */
export function confirmSignOutPage(frame: Frame, action: string): Buffer {
  return layout(
    frame,
    "Sign out?",
    html`<h1>Sign out?</h1>
<p>A link on another site asks to sign you out.</p>
<form method="POST" action="${address(action)}"><button type="submit">Sign out</button></form>`,
  );
}
