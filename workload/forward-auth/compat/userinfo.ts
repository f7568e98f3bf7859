/** `<prefix>/userinfo`: who is signed in, as JSON. */
import type { Answered, Exchange } from "../server/exchange.ts";
import type { Session } from "../session/session.ts";
import { whenThere } from "../session/store.ts";
import { cleared, type Found, findSession } from "./chain.ts";
import { openReason } from "./open.ts";
import { json, NO_CACHE, text } from "./reply.ts";

/** JSON as Go writes it: characters of markup are escaped. */
export function goJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function bodyOf({ subject, email, groups, preferredUsername, additionalClaims }: SessionLike): string {
  const more = additionalClaims === undefined || additionalClaims.size === 0 ? undefined : additionalClaims;
  return `${goJson({
    user: subject,
    email,
    groups: groups.length > 0 ? groups : undefined,
    preferredUsername: preferredUsername || undefined,
    additionalClaims:
      more === undefined
        ? undefined
        : Object.fromEntries([...more].sort(([one], [other]) => (one < other ? -1 : 1))),
  })}\n`;
}

type SessionLike = Pick<Session, "subject" | "email" | "groups" | "preferredUsername"> & {
  readonly additionalClaims?: ReadonlyMap<string, unknown> | undefined;
};

/** Answers 200 with the person, or 401. */
export function userinfo(exchange: Exchange): Answered {
  return whenThere(findSession(exchange), (found) => conclude(exchange, found));
}

function conclude(exchange: Exchange, { entry, headers, refused }: Found): Answered {
  if (refused) return text(exchange, 403, "Forbidden", [...NO_CACHE, ...headers]);
  const { policy } = exchange.context;
  const open = openReason(exchange, false) !== undefined;
  if (entry !== undefined && (open || policy.gate(entry.session)))
    return json(exchange, 200, bodyOf(entry.session), [...NO_CACHE, ...headers]);
  if (open) return json(exchange, 200, "{}", [...NO_CACHE, ...headers]);
  if (entry === undefined) return text(exchange, 401, "Unauthorized", [...NO_CACHE, ...headers]);
  return whenThere(cleared(exchange), (gone) => text(exchange, 401, "Unauthorized", [...NO_CACHE, ...gone]));
}
