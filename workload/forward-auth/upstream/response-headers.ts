/** The headers of an upstream's answer on its way to the client. */

/** Headers that concern one connection. */
const HOP: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** What an answer's headers say about its body. */
export interface ResponseHeaders {
  /** Name, value, name, value. */
  readonly flat: string[];
  /** Announced bytes; undefined when they are not. */
  readonly length: number | undefined;
  /** True when the body is gzip. */
  readonly gzip: boolean;
}

function listedIn(raw: readonly string[]): ReadonlySet<string> | undefined {
  let names: Set<string> | undefined;
  for (let index = 0; index + 1 < raw.length; index += 2) {
    if ((raw[index] as string).toLowerCase() !== "connection") continue;
    for (const part of (raw[index + 1] as string).split(",")) {
      const token = part.trim().toLowerCase();
      if (token === "" || token === "close" || token === "keep-alive" || token === "upgrade") continue;
      names ??= new Set();
      names.add(token);
    }
  }
  return names;
}

/**
 * Reads and filters the headers of an answer.
 *
 * @param raw Name, value, name, value, latin1.
 * @param ours Headers that come first.
 * @param unpack True: the body is unpacked here when it is gzip, so what describes the packed one is left out.
 * @param trailers True: the client can be sent trailers, so their announcement stays.
 */
export function responseHeaders(
  raw: readonly string[],
  ours: readonly string[],
  { unpack, trailers }: { readonly unpack: boolean; readonly trailers: boolean },
): ResponseHeaders {
  const flat = ours.slice();
  const listed = listedIn(raw);
  let length: number | undefined;
  let gzip = false;
  const packed: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] as string;
    const value = raw[index + 1] as string;
    const lower = name.toLowerCase();
    if (lower === "content-length") {
      length = Number(value);
      packed.push(name, value);
    } else if (lower === "content-encoding") {
      gzip = value.trim().toLowerCase() === "gzip";
      packed.push(name, value);
    } else if (lower === "trailer" && trailers) flat.push(name, value);
    else if (!HOP.has(lower) && listed?.has(lower) !== true) flat.push(name, value);
  }
  const unpacked = unpack && gzip;
  if (unpacked) length = undefined;
  else for (const text of packed) flat.push(text);
  return { flat, length, gzip: unpacked };
}
