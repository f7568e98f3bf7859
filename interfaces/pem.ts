/**
 * PEM as text (RFC 7468): finding blocks and writing them one way, without looking inside.
 *
 * @module
 */

/** What stands after `BEGIN`. */
export type PemLabel = "CERTIFICATE" | "CERTIFICATE REQUEST";

const BLOCK = /-----BEGIN ([A-Z ]+)-----([A-Za-z0-9+/=\s]*)-----END \1-----/g;

/**
 * Every block with a label that a text holds, each in canonical form; whatever else stands there is left out.
 *
 * @returns `BEGIN` and `END` lines, base64 in lines of 64 characters, `\n` between lines and none at the end.
 */
export function pemBlocks(text: string, label: PemLabel): string[] {
  const blocks: string[] = [];
  for (const [, found = "", body = ""] of text.matchAll(BLOCK)) {
    const base64 = body.replace(/\s+/g, "");
    if (found.replace(/^NEW /, "") === label && isBase64(base64)) blocks.push(pem(base64, label));
  }
  return blocks;
}

/** The canonical form of a text that holds exactly one block with the label, and nothing else; else `undefined`. */
export function canonicalPem(text: string, label: PemLabel): string | undefined {
  const blocks = pemBlocks(text, label);
  const alone = text.replace(BLOCK, "").trim() === "";
  return blocks.length === 1 && alone ? blocks[0] : undefined;
}

/** PEM of bytes in base64. */
export function pem(base64: string, label: PemLabel): string {
  const lines = base64.match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`].join("\n");
}

/**
 * One text for a file of trusted certificates: sorted, each certificate once, a newline after each, and what is
 * no certificate left out, for it would spoil the file for every reader.
 */
export function caBundle(texts: Iterable<string>): string {
  const blocks = new Set([...texts].flatMap((text) => pemBlocks(text, "CERTIFICATE")));
  return [...blocks]
    .sort()
    .map((block) => `${block}\n`)
    .join("");
}

function isBase64(text: string): boolean {
  return text !== "" && text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text);
}
