/**
 * PEM as text (RFC 7468): finding blocks and writing them one way, without looking inside.
 *
 * @module
 */

import { remembering } from "./remembering.ts";

/** What stands after `BEGIN`. */
export type PemLabel = "CERTIFICATE" | "CERTIFICATE REQUEST";

const BLOCK = /-----BEGIN ([A-Z ]+)-----([A-Za-z0-9+/=\s]*)-----END \1-----/g;

/** What a text holds. */
interface Found {
  /** In canonical form. */
  readonly blocks: readonly string[];
  /** Whether nothing else stands there. */
  readonly alone: boolean;
}

/** A chain is looked at several times in a hook, and a provider compares each of many requests with many answers. */
const found: Readonly<Record<PemLabel, (text: string) => Found>> = {
  CERTIFICATE: remembering((text) => find(text, "CERTIFICATE")),
  "CERTIFICATE REQUEST": remembering((text) => find(text, "CERTIFICATE REQUEST"), { most: 1000 }),
};

function find(text: string, label: PemLabel): Found {
  const blocks: string[] = [];
  const beside = text.replace(BLOCK, (_block, name: string, body: string) => {
    const base64 = body.replace(/\s+/g, "");
    if (name.replace(/^NEW /, "") === label && isBase64(base64)) blocks.push(wrapped(base64, label));
    return "";
  });
  return { blocks, alone: beside.trim() === "" };
}

/**
 * Every block with a label that a text holds, each in canonical form; whatever else stands there is left out.
 *
 * @returns `BEGIN` and `END` lines, base64 in lines of 64 characters, `\n` between lines and none at the end.
 */
export function pemBlocks(text: string, label: PemLabel): readonly string[] {
  return found[label](text).blocks;
}

/** The canonical form of a text that holds exactly one block with the label, and nothing else; else `undefined`. */
export function canonicalPem(text: string, label: PemLabel): string | undefined {
  const { blocks, alone } = found[label](text);
  return blocks.length === 1 && alone ? blocks[0] : undefined;
}

/** PEM of DER, in canonical form. */
export function pem(der: Uint8Array, label: PemLabel): string {
  return wrapped(Buffer.from(der).toString("base64"), label);
}

/** DER of one block in canonical form. */
export function pemBytes(block: string): Uint8Array {
  return Buffer.from(block.slice(block.indexOf("\n"), block.lastIndexOf("\n")), "base64");
}

function wrapped(base64: string, label: PemLabel): string {
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
