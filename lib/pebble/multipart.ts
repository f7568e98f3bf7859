/** One part of a `multipart/form-data` body. */
export interface Part {
  /** Field name; Pebble uses `request`, `files` and `response`. */
  readonly name: string;
  /** Absolute path, as it was sent; undefined for a part that is no file. */
  readonly filename?: string;
  readonly content: Uint8Array;
}

/** A body that is not what RFC 7578 and RFC 2046 allow; the message says where. */
export class MultipartFault extends Error {
  /** Parts that were complete before the fault. */
  readonly parts: readonly Part[];
  constructor(message: string, parts: readonly Part[]) {
    super(message);
    this.parts = parts;
  }
}

const CRLF = "\r\n";
const decoder = new TextDecoder();

/** Writes parts with the given boundary; JSON parts are those without a file name. */
export function formatMultipart(parts: readonly Part[], boundary: string): Uint8Array {
  const chunks: Uint8Array[] = [];
  for (const part of parts) {
    chunks.push(Buffer.from(partHead(part, boundary)), part.content, Buffer.from(CRLF));
  }
  chunks.push(Buffer.from(`--${boundary}--${CRLF}`));
  return concat(chunks);
}

function partHead(part: Part, boundary: string): string {
  const file = part.filename === undefined ? "" : `; filename="${quote(part.filename)}"`;
  const type = part.filename === undefined ? "application/json" : "application/octet-stream";
  const disposition = `Content-Disposition: form-data; name="${quote(part.name)}"${file}`;
  return `--${boundary}${CRLF}${disposition}${CRLF}Content-Type: ${type}${CRLF}${CRLF}`;
}

/** As Go's mime/multipart writes names: backslash and quote escaped, line ends percent-encoded. */
function quote(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

/**
 * Reads a whole body.
 *
 * @throws {MultipartFault} When the final boundary is missing or a part has no usable head.
 */
export function parseMultipart(body: Uint8Array, boundary: string): readonly Part[] {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const delimiter = Buffer.from(`${CRLF}--${boundary}`);
  const parts: Part[] = [];
  let position = firstBoundary(bytes, delimiter);
  while (true) {
    if (position < 0) throw new MultipartFault("unexpected EOF", parts);
    if (bytes.subarray(position, position + 2).toString("latin1") === "--") return parts;
    const start = lineEnd(bytes, position, parts);
    const end = bytes.indexOf(delimiter, start - 2);
    if (end < 0) throw new MultipartFault("unexpected EOF", parts);
    parts.push(parsePart(bytes.subarray(start, Math.max(end, start)), parts));
    position = end + delimiter.length;
  }
}

/** Offset behind the first boundary, or -1. */
function firstBoundary(bytes: Buffer, delimiter: Buffer): number {
  const bare = delimiter.subarray(2);
  if (bytes.subarray(0, bare.length).equals(bare)) return bare.length;
  const found = bytes.indexOf(delimiter);
  return found < 0 ? -1 : found + delimiter.length;
}

/** Spaces and tabs may follow a boundary, then its line must end. */
function lineEnd(bytes: Buffer, position: number, parts: readonly Part[]): number {
  let at = position;
  while (bytes[at] === 0x20 || bytes[at] === 0x09) at++;
  if (bytes[at] !== 0x0d || bytes[at + 1] !== 0x0a) {
    throw new MultipartFault("expecting a new Part after a boundary", parts);
  }
  return at + 2;
}

function parsePart(bytes: Buffer, before: readonly Part[]): Part {
  const blank = bytes.subarray(0, 2).toString("latin1") === CRLF ? 0 : bytes.indexOf(`${CRLF}${CRLF}`);
  if (blank < 0) throw new MultipartFault("malformed MIME header", before);
  const head = decoder.decode(bytes.subarray(0, blank));
  const content = bytes.subarray(blank === 0 ? 2 : blank + 4);
  const { name = "", filename } = disposition(head);
  return { name, content, ...(filename !== undefined && { filename }) };
}

function disposition(head: string): Record<string, string> {
  const unfolded = head.replaceAll(/\r\n[ \t]+/g, " ");
  const line = unfolded.split(CRLF).find((one) => /^content-disposition[ \t]*:/i.test(one)) ?? "";
  return mediaParameters(line.slice(line.indexOf(":") + 1));
}

const PARAMETER = /;\s*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))/gs;

/** Parameters of a media type or disposition, names in lower case. */
export function mediaParameters(header: string): Record<string, string> {
  const found: Record<string, string> = Object.create(null);
  for (const [, name, quoted, plain] of header.matchAll(PARAMETER)) {
    found[name!.toLowerCase()] ??= quoted?.replaceAll(/\\(["\\])/g, "$1") ?? plain ?? "";
  }
  return found;
}

/** One array out of several. */
export function concat(chunks: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(chunks);
}
