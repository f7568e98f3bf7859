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
  /** In order, as received, text as UTF-8; repeated ones several times. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** Header bytes, which Node.js gives as latin1, as UTF-8 text. */
function decode(value: string): string {
  return Buffer.from(value, "latin1").toString("utf8");
}

function pairs(raw: readonly string[]): (readonly [string, string])[] {
  return Array.from({ length: Math.floor(raw.length / 2) }, (_, index) => [
    raw[index * 2] ?? "",
    decode(raw[index * 2 + 1] ?? ""),
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
