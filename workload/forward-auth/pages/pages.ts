/** The pages of a deployment: the operator's templates, else ours. */
import { readFileSync } from "node:fs";
import type { Options } from "../options/read.ts";
import { Markup } from "../template/tree.ts";
import { VERSION } from "../version.ts";
import {
  confirmSignOutPage,
  errorPage,
  errorText,
  type SignInFrame,
  signedOutPage,
  signInPage,
} from "./built-in.ts";
import { type CustomPages, readCustomPages } from "./custom.ts";
import { styleWith } from "./layout.ts";
import { readLogo } from "./logo.ts";
import { contentPolicy, pageHeaders, TEMPLATE_POLICY } from "./policy.ts";
import type { ErrorView, SignInView } from "./views.ts";
import { bannerOf, footerOf, nameOf } from "./words.ts";

/** A page and the headers that belong to it. */
export interface Page {
  readonly body: Buffer;
  /** Name, value, name, value. */
  readonly headers: readonly string[];
}

const ROBOTS = Buffer.from("User-agent: *\nDisallow: /\n");

const CUSTOM_HEADERS = pageHeaders(TEMPLATE_POLICY, true);

/**
 * Reads `custom_style_file`; empty means none.
 *
 * @throws {RangeError} When the file cannot be read.
 */
export function readStyle(path: string): string {
  if (path === "") return "";
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new RangeError(`"${path}" must be readable, is not: ${(error as NodeJS.ErrnoException).code}`);
  }
}

/** Makes pages. */
export class Pages {
  readonly #options: Options;
  readonly #custom: CustomPages;
  readonly #frame: SignInFrame;
  /** Headers of the sign-in page, and of those that show no logo and no banner. */
  readonly #signInHeaders: readonly string[];
  readonly #confirmHeaders: readonly string[];
  readonly #headers: readonly string[];

  /** @throws {RangeError} When a file of the options cannot be used. */
  constructor(options: Options) {
    this.#options = options;
    this.#custom = readCustomPages(options.custom_templates_dir);
    const style = styleWith(readStyle(options.custom_style_file));
    const logo = readLogo(options.custom_sign_in_logo);
    this.#frame = {
      style,
      footer: footerOf(options),
      logo: logo.html,
      banner: bannerOf(options),
      form: options.htpasswd_file !== "" && options.display_htpasswd_form,
    };
    const own = (text: string) => text !== "" && text !== "-";
    const needs = { style, pictures: [], foreign: own(options.footer), plain: !options.cookie_secure };
    this.#headers = pageHeaders(contentPolicy(needs));
    this.#confirmHeaders = pageHeaders(contentPolicy(needs), true);
    const foreign = needs.foreign || own(options.banner);
    const signIn = contentPolicy({ ...needs, pictures: logo.source, foreign });
    this.#signInHeaders = pageHeaders(signIn, this.#frame.form);
  }

  /** Templates that are not in the operator's folder; ours are used. */
  get missing(): readonly string[] {
    return this.#custom.missing;
  }

  /** `robots.txt`. */
  get robots(): Buffer {
    return this.#custom.robots ?? ROBOTS;
  }

  /** The page with the buttons and the form to sign in. */
  signIn(view: SignInView): Page {
    const { signIn } = this.#custom;
    if (signIn === undefined) return { body: signInPage(this.#frame, view), headers: this.#signInHeaders };
    const { logo, banner, form } = this.#frame;
    // As in oauth2-proxy, the template sees the option itself: "-" for none, empty for the usual footer.
    const { footer } = this.#options;
    const text = signIn({
      ProviderName: view.providers[0]?.name ?? "",
      SignInMessage: new Markup(banner),
      StatusCode: view.status,
      CustomLogin: form,
      Redirect: view.redirect,
      Version: VERSION,
      ProxyPrefix: view.prefix,
      Footer: new Markup(footer),
      LogoData: new Markup(logo),
      Providers: view.providers.map(({ id, name }) => ({ ID: id, Name: name })),
    });
    return { body: Buffer.from(text), headers: CUSTOM_HEADERS };
  }

  /** The page that says what went wrong. */
  error(view: ErrorView): Page {
    const { error } = this.#custom;
    const message = errorText(view, this.#options.show_debug_on_error);
    if (error === undefined) return { body: errorPage(this.#frame, view, message), headers: this.#headers };
    const text = error({
      Title: view.title ?? nameOf(view.status),
      Message: message,
      ProxyPrefix: view.prefix,
      StatusCode: view.status,
      Redirect: view.redirect,
      RequestID: view.requestId,
      Footer: new Markup(this.#options.footer),
      Version: VERSION,
    });
    return { body: Buffer.from(text), headers: CUSTOM_HEADERS };
  }

  /** Says that somebody is signed out. @param signIn Where to sign in again. */
  signedOut(signIn: string): Page {
    return { body: signedOutPage(this.#frame, signIn), headers: this.#headers };
  }

  /** Asks whether to sign out. @param action Where the answer is sent. */
  confirmSignOut(action: string): Page {
    return { body: confirmSignOutPage(this.#frame, action), headers: this.#confirmHeaders };
  }
}
