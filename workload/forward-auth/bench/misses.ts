/** Why a target is missed, as far as it is known. Beginning of a row's label → reason. */
const REASONS: Readonly<Record<string, string>> = {
  "W2:": "about two thirds of an answer's time are node:http's own, and most of the rest is the request log",
  "W4:":
    "each answer checks, decrypts, unpacks and reads a cookie, more than a third of its time, and what was opened is garbage afterwards",
  "memory: 100,000": "how far the heap has grown when it is measured depends on the load",
  "W9:": "state, nonce, PKCE challenge and an encrypted, signed cookie are made for each answer",
};

/** The reason for a row; `undefined` where nobody knows one. */
export function reasonOf(label: string): string | undefined {
  return Object.entries(REASONS).find(([start]) => label.startsWith(start))?.[1];
}
