/**
 * The headers of a request that we look at, from the raw list: Node.js joins or drops duplicates, and a duplicate of what
 * decides is a fault.
 */

/** What a header's repetition means. */
type Repetition = "fault" | "unusable" | "list" | "cookies" | "first";

const READ: Readonly<Record<string, Repetition>> = {
  Host: "fault",
  Authorization: "fault",
  "X-Forwarded-Method": "fault",
  "X-Forwarded-Proto": "fault",
  "X-Forwarded-Host": "fault",
  "X-Forwarded-Uri": "fault",
  "X-Original-URL": "unusable",
  "X-Original-Method": "unusable",
  "X-Forwarded-For": "list",
  Accept: "list",
  Cookie: "cookies",
  "Content-Length": "first",
  "Transfer-Encoding": "first",
  Origin: "first",
  "Access-Control-Request-Method": "first",
  "Sec-Fetch-Mode": "first",
  "Sec-Fetch-Site": "first",
  "X-Requested-With": "first",
  "X-Request-Id": "first",
  "X-Envoy-Expected-Rq-Timeout-Ms": "first",
  "X-Auth-Request-Redirect": "first",
  "User-Agent": "first",
  "X-Real-Ip": "first",
  Traceparent: "first",
};

/** Headers by lower-case name; absent ones are undefined. */
export interface Head {
  readonly host?: string;
  readonly authorization?: string;
  readonly "x-forwarded-method"?: string;
  readonly "x-forwarded-proto"?: string;
  readonly "x-forwarded-host"?: string;
  readonly "x-forwarded-uri"?: string;
  readonly "x-original-url"?: string;
  readonly "x-original-method"?: string;
  readonly "x-forwarded-for"?: string;
  readonly accept?: string;
  readonly cookie?: string;
  readonly "content-length"?: string;
  readonly "transfer-encoding"?: string;
  readonly origin?: string;
  readonly "access-control-request-method"?: string;
  readonly "sec-fetch-mode"?: string;
  readonly "sec-fetch-site"?: string;
  readonly "x-requested-with"?: string;
  readonly "x-request-id"?: string;
  readonly "x-envoy-expected-rq-timeout-ms"?: string;
  readonly "x-auth-request-redirect"?: string;
  readonly "user-agent"?: string;
  readonly "x-real-ip"?: string;
  readonly traceparent?: string;
  /** Why the headers cannot decide anything: `duplicate-header` or `alias-header`. */
  readonly fault?: "duplicate-header" | "alias-header";
}

interface Slot {
  readonly name: string;
  readonly repetition: Repetition | "alias" | "ignored";
}

const IGNORED: Slot = { name: "", repetition: "ignored" };
const ALIAS: Slot = { name: "", repetition: "alias" };

/** Names that gateways and we own: another spelling of one may be read by the application as the name itself. */
const OWNED =
  /^(?:x-forwarded-|x-auth-request-|x-original-|gap-auth$|x-real-ip$|forwarded$|authorization$|cookie$)/;

/** True for a name that some servers take for one of those above: `X_Auth_Request_User`, `X.Forwarded.Uri`. */
export function isAlias(name: string): boolean {
  return /[_.]/.test(name) && OWNED.test(name.toLowerCase().replace(/[_.]/g, "-"));
}

const slots = new Map<string, Slot>(
  Object.entries(READ).flatMap(([name, repetition]) => {
    const slot: Slot = { name: name.toLowerCase(), repetition };
    return [
      [name, slot],
      [slot.name, slot],
    ];
  }),
);

/** Most spellings remembered. */
const REMEMBERED = 2048;

function slotOf(name: string): Slot {
  const known = slots.get(name);
  if (known !== undefined) return known;
  const slot = slots.get(name.toLowerCase()) ?? (isAlias(name) ? ALIAS : IGNORED);
  if (slots.size < REMEMBERED && name.length < 64) slots.set(name, slot);
  return slot;
}

/** Between repeated values. */
const SEPARATORS = { list: ", ", cookies: "; " } as const;

/** @param raw Name, value, name, value, as `IncomingMessage.rawHeaders`. */
export function readHead(raw: readonly string[]): Head {
  const head: Record<string, string | undefined> = Object.create(null);
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const { name, repetition } = slotOf(raw[index] as string);
    if (repetition === "ignored") continue;
    const value = raw[index + 1] as string;
    const before = repetition === "alias" ? undefined : head[name];
    if (repetition === "alias") head["fault"] ??= "alias-header";
    else if (before === undefined) head[name] = value;
    else if (repetition === "fault") head["fault"] = "duplicate-header";
    else if (repetition === "unusable") head[name] = "";
    else if (repetition !== "first") head[name] = before + SEPARATORS[repetition] + value;
  }
  return head as Head;
}

/** The first value of a header that is not among those above. @param name In lower case. */
export function firstHeader(raw: readonly string[], name: string): string | undefined {
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const sent = raw[index] as string;
    if (sent.length === name.length && sent.toLowerCase() === name) return raw[index + 1];
  }
  return undefined;
}
