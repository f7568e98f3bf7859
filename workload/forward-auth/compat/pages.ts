/** The two pages of the contract, as answers. */
import type { Answered, Exchange, Outcome } from "../server/exchange.ts";

/** What an error page says. */
export interface ErrorText {
  readonly status: number;
  /** Empty: the usual words for the status. */
  readonly message: string;
  /** Where "Go back" and the next sign-in lead; empty: nowhere. */
  readonly redirect: string;
}

const prefixOf = ({ context }: Exchange): string => context.settings.options.proxy_prefix;

/** Answers with the sign-in page; with 400 and 401 it says what was wrong with its form. */
export function answerSignIn(
  exchange: Exchange,
  status: number,
  redirect: string,
  headers: readonly string[],
  outcome?: Outcome,
): void {
  const { pages, providers } = exchange.context;
  const several = providers.list.length > 1;
  const choices = providers.list.map(({ id, displayName: name }) => ({ id: several ? id : "", name }));
  const page = pages.signIn({ status, prefix: prefixOf(exchange), redirect, providers: choices });
  exchange.send(status, [...headers, ...page.headers], page.body, outcome);
}

/** Answers with an error page. */
export function answerError(
  exchange: Exchange,
  { status, message, redirect }: ErrorText,
  headers: readonly string[],
  outcome?: Outcome,
): Answered {
  const view = { status, prefix: prefixOf(exchange), redirect, requestId: exchange.id };
  const page = exchange.context.pages.error(message === "" ? view : { ...view, text: message });
  exchange.send(status, [...headers, ...page.headers], page.body, outcome);
}
