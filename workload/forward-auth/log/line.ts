/** What log lines tell. */

/**
 * Fields of one line. Two are for text lines only: `file`, the source as oauth2-proxy names it, and `text`, oauth2-proxy's words
 * for the event, shown instead of message and fields; an empty `text` makes no line.
 */
export type Fields = Readonly<Record<string, string | number | boolean | undefined | readonly string[]>>;

/** How a sign-in, or a check of one, ended; oauth2-proxy's words. */
export type AuthStatus = "AuthSuccess" | "AuthFailure" | "AuthError";

/** Where an event of a sign-in belongs, and how it ended. Other fields are told beside. */
export interface AuthFields extends Fields {
  readonly status?: AuthStatus;
  /** Request id. */
  readonly id?: string;
  readonly client?: string;
  readonly host?: string;
  readonly method?: string;
  readonly protocol?: string;
  readonly agent?: string | undefined;
  readonly user?: string;
  readonly trace?: string | undefined;
}

/** One request that was answered. */
export interface RequestLine {
  readonly id: string;
  readonly client: string;
  readonly user: string | undefined;
  /** As the gateway or the client sent it. */
  readonly host: string;
  readonly method: string;
  /** Path and query; a text line shows them. */
  readonly uri: string;
  readonly protocol: string;
  readonly agent: string | undefined;
  readonly status: number;
  /** Bytes of the body. */
  readonly size: number;
  readonly seconds: number;
  /** Id of the upstream that answered. */
  readonly upstream: string | undefined;
  readonly trace: string | undefined;
  /** What the gateway asked about; only JSON lines tell. */
  readonly original?: { readonly method: string; readonly host: string; readonly path: string } | undefined;
  readonly decision?: string | undefined;
  readonly reason?: string | undefined;
}

/** Longest text of one field, in characters. */
export const MOST = 1024;

/** Longest path and query. */
const MOST_URI = 4096;

/** A text short enough for a line. */
export const short = (text: string): string => (text.length <= MOST ? text : `${text.slice(0, MOST)}…`);

/** Longest message. */
const MOST_MESSAGE = 4096;

/** A message short enough for a line. */
export const shortMessage = (text: string): string =>
  text.length <= MOST_MESSAGE ? text : `${text.slice(0, MOST_MESSAGE)}…`;

/** Most elements of a list. */
const MOST_ELEMENTS = 50;

/** A value short enough for a line. */
export function shortValue(value: Fields[string]): Fields[string] {
  if (typeof value === "string") return short(value);
  return Array.isArray(value) ? value.slice(0, MOST_ELEMENTS).map(short) : value;
}

/** A path and query short enough for a line. */
export const shortUri = (text: string): string =>
  text.length <= MOST_URI ? text : `${text.slice(0, MOST_URI)}…`;
