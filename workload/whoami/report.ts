/** What the application knows about a request; the only thing it has to tell. */

/** Who is signed in, as the gateway says. Empty text: not said. */
export interface Identity {
  readonly user: string;
  readonly email: string;
  readonly preferredUsername: string;
  readonly groups: readonly string[];
}

/** One request. */
export interface Report {
  readonly method: string;
  /** Path and query as received. */
  readonly path: string;
  readonly identity: Identity;
  /** In order, as received, text as UTF-8; repeated ones several times; of cookies and credentials the beginning only. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** Header bytes, which Node.js gives as latin1, as UTF-8 text. */
function decode(value: string): string {
  return Buffer.from(value, "latin1").toString("utf8");
}

/** A long secret, such that a screenshot is no session: its beginning and length. */
const veil = (secret: string): string =>
  secret.length > 12 ? `${secret.slice(0, 4)}… (${secret.length} characters)` : secret;

/** The value of a header as it is shown; cookies and credentials only in part. */
function shown(name: string, value: string): string {
  if (/^cookie$/i.test(name)) return value.replace(/=([^;]*)/g, (_, secret: string) => `=${veil(secret)}`);
  return /^(?:proxy-)?authorization$/i.test(name) ? value.replace(/\S+$/, veil) : value;
}

function pairs(raw: readonly string[]): (readonly [string, string])[] {
  return Array.from({ length: Math.floor(raw.length / 2) }, (_, index) => [
    raw[index * 2] ?? "",
    shown(raw[index * 2] ?? "", decode(raw[index * 2 + 1] ?? "")),
  ]);
}

/** @param raw `IncomingMessage.rawHeaders`. */
export function report(method: string, url: string, raw: readonly string[]): Report {
  const headers = pairs(raw);
  const first = (...names: readonly string[]) => {
    const found = names.flatMap((name) => headers.filter(([key]) => key.toLowerCase() === name));
    return found.map(([, value]) => value).find((value) => value !== "") ?? "";
  };
  const groups = first("x-auth-request-groups", "x-forwarded-groups");
  return {
    method,
    path: url,
    identity: {
      user: first("x-auth-request-user", "x-forwarded-user"),
      email: first("x-auth-request-email", "x-forwarded-email"),
      preferredUsername: first("x-auth-request-preferred-username", "x-forwarded-preferred-username"),
      groups: groups === "" ? [] : groups.split(","),
    },
    headers,
  };
}
