/** What is known when a page is shown. */

/** A provider that people can choose. */
export interface ProviderChoice {
  /** Empty: there is only one. */
  readonly id: string;
  readonly name: string;
}

/** The sign-in page. */
export interface SignInView {
  /** Status of the answer: 400 and 401 tell what was wrong with the form. */
  readonly status: number;
  /** Path of the sign-in endpoints as people see it: `/oauth2`. */
  readonly prefix: string;
  /** Where people go afterwards. */
  readonly redirect: string;
  readonly providers: readonly ProviderChoice[];
}

/** An error page. */
export interface ErrorView {
  readonly status: number;
  readonly prefix: string;
  /** Where "Go back" leads; empty: there are no buttons. */
  readonly redirect: string;
  /** People who run the site find the request in the log by it. */
  readonly requestId: string;
  /** Empty: the usual words for the status. */
  readonly text?: string;
  /** What went wrong inside; shown with `show_debug_on_error` only. */
  readonly cause?: string;
  /** A heading instead of the status, and what to do instead of going back. */
  readonly title?: string;
  readonly action?: { readonly href: string; readonly text: string };
}
