/** Why a target is missed, as far as it is known. Beginning of a row's label → reason. */
const REASONS: Readonly<Record<string, string>> = {
  "W2:": "of the 27 µs of an answer 17 are node:http's own, and the request log takes some 3",
  "W4:": "each answer opens a sealed cookie, some 40 of its 81 µs, and what was opened is garbage afterwards",
  "memory: 100,000":
    "other sittings gave 173 and 178: how far the heap has grown when it is measured depends on the load",
  "W9:":
    "state, nonce, PKCE and a sealed cookie are made for each answer; a third of the time is the write to the socket",
};

/** The reason for a row; `undefined` where nobody knows one. */
export function reasonOf(label: string): string | undefined {
  return Object.entries(REASONS).find(([start]) => label.startsWith(start))?.[1];
}
