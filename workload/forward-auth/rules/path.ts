/**
 * Reads the path of an original request so that no two programs behind the gateway can disagree about which
 * application it belongs to. What is ambiguous is refused or needs a login; nothing is repaired.
 */

/** A path that could be read. */
export interface PathReading {
  /** As sent. */
  readonly raw: string;
  /** Decoded once, UTF-8. Rules for open paths look at this. */
  readonly decoded: string;
  /** The same without path parameters, as servlet containers route: `/a;b=1/c` is `/a/c`. Rules for open paths look at it too. */
  readonly bare: string;
  /** What the most lenient reader makes of it: decoded until nothing is left to decode, `\` as `/`, parameters and empty segments gone. */
  readonly lenient: string;
  /** No reader can understand it differently: only such a path can pass without login. */
  readonly plain: boolean;
}

/** Longest request target taken, in bytes. */
const MOST = 16_384;

/** Longest path that can pass without login: an expression takes up to 2.5 µs for each character. */
const MOST_PLAIN = 1024;

/** A path in which every character stands for itself. */
const SIMPLE = /^(?:\/[A-Za-z0-9_~!$&'()*+,=:@-][A-Za-z0-9_~!$&'()*+,=:@.-]*)*\/?$/;

/** Blanks, controls, `#`, `\`, and what is no byte at all. */
const FORBIDDEN = /[\x00-\x20\x7f#\\\u0100-\uffff]/;
const BAD_ESCAPE = /%(?![0-9a-f]{2})/i;
const HIDDEN = /%(?:00|2f|5c|23|3f|25)/i;

/** Decodes until nothing changes; undefined when it does not end within a few rounds or is not UTF-8. */
function decodeFully(path: string): string | undefined {
  let text = path;
  for (let round = 0; round < 6; round++) {
    const next = decodeOnce(text);
    if (next === undefined || next === text) return next;
    text = next;
  }
  return undefined;
}

/** Decodes each escape once; undefined when the bytes are no UTF-8. A stray `%` stays. */
function decodeOnce(path: string): string | undefined {
  if (!path.includes("%")) return path;
  try {
    return decodeURIComponent(path.replace(/%(?![0-9a-f]{2})/gi, "%25"));
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

/** Segments as lenient servers see them, without path parameters. */
function lenientPath(text: string): string {
  const segments = text.replaceAll("\\", "/").split("/");
  const named = segments.map((segment) => segment.split(";", 1)[0] ?? "");
  return `/${named.filter((segment) => segment !== "").join("/")}`;
}

const hasDots = (text: string): boolean => /(?:^|\/)\.{1,2}(?:\/|$)/.test(text);

const CONTROLS = /[\x00-\x1f\x7f-\x9f]/;

/**
 * Reads a request target in origin form. Undefined: refuse the request, whoever asks.
 *
 * Refused are: anything but one leading `/`; raw blanks, controls, `#`, `\`; broken escapes and bytes that are not UTF-8;
 * NUL and other controls; dot segments in any encoding, also in front of a `;`.
 *
 * @param target Path and query as sent, latin1.
 */
export function readPath(target: string): PathReading | undefined {
  const query = target.indexOf("?");
  const raw = query === -1 ? target : target.slice(0, query);
  if (target.length > MOST || raw.charCodeAt(0) !== 47 || raw.charCodeAt(1) === 47) return undefined;
  const short = raw.length <= MOST_PLAIN;
  if (SIMPLE.test(raw)) {
    const lenient = raw.length > 1 && raw.endsWith("/") ? raw.slice(0, -1) : raw;
    return { raw, decoded: raw, bare: raw, lenient, plain: short };
  }
  if (FORBIDDEN.test(raw) || BAD_ESCAPE.test(raw)) return undefined;
  const bytes = raw.replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16)}`);
  const decoded = decodeOnce(bytes);
  const full = decodeFully(bytes);
  if (decoded === undefined || full === undefined || CONTROLS.test(full)) return undefined;
  const lenient = lenientPath(full);
  const slashed = full.replaceAll("\\", "/");
  if (hasDots(lenient) || hasDots(slashed)) return undefined;
  const bare = decoded.includes(";") ? decoded.replace(/;[^/]*/g, "") : decoded;
  const tidy = !slashed.includes("//") && !bare.includes("//");
  const plain = short && bytes === raw && !HIDDEN.test(raw) && tidy && !/%u[0-9a-f]{4}/i.test(raw);
  return { raw, decoded, bare, lenient, plain };
}

/** True when an open path is open with its parameters and without: a server may route by either. */
export function bothReadings({ decoded, bare }: PathReading, isOpen: (path: string) => boolean): boolean {
  return isOpen(decoded) && (bare === decoded || isOpen(bare));
}
