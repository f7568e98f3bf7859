/** A URL as Go splits it; `path` is decoded, `host` holds the port. */
export interface GoUrl {
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
  readonly fragment: string;
}

/** Decodes percent escapes to bytes read as UTF-8; undefined when one is none. */
function decode(text: string): string | undefined {
  if (!/^(?:[^%]|%[0-9a-f]{2})*$/i.test(text)) return undefined;
  if (!text.includes("%")) return text;
  const bytes = text.replace(/[^\0-\x7f]+/gu, (part) => encodeURIComponent(part));
  return Buffer.from(
    bytes.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    "latin1",
  ).toString("utf8");
}

const HOST =
  /^(?:\[[0-9a-f:.]+(?:%25[\w.~-]+)?\]|[^\s"<>\\^`{|}[\]%:/?#]*(?:%[0-9a-f]{2}[^\s"<>\\^`{|}[\]%:/?#]*)*)(?::\d*)?$/i;

/**
 * Splits a URL or a relative reference where Go does, which takes more than the WHATWG's URL: any scheme, any path, no
 * normalisation.
 *
 * @returns Undefined when Go refuses the text.
 * @see Go: net/url.Parse
 */
export function parseGoUrl(text: string): GoUrl | undefined {
  if (/[\x00-\x1f\x7f]/.test(text) || text.startsWith(":")) return undefined;
  const hash = text.indexOf("#");
  const fragment = decode(hash === -1 ? "" : text.slice(hash + 1));
  const whole = hash === -1 ? text : text.slice(0, hash);
  const [, scheme = "", afterScheme = whole] = /^([a-z][a-z0-9+.-]*):([\s\S]*)$/i.exec(whole) ?? [];
  const rest = afterScheme.split("?", 1)[0] ?? "";
  if (fragment === undefined) return undefined;
  if (scheme !== "" && !rest.startsWith("/"))
    return { scheme: scheme.toLowerCase(), host: "", path: "", fragment };
  if (scheme === "" && /^[^/]*:/.test(rest)) return undefined;
  const [, authority, rawPath = ""] = /^(?:\/\/([^/]*))?([\s\S]*)$/.exec(rest) ?? [];
  const host = (authority ?? "").slice((authority ?? "").lastIndexOf("@") + 1);
  const path = decode(rawPath);
  if (path === undefined || !HOST.test(host)) return undefined;
  return { scheme: scheme.toLowerCase(), host, path, fragment };
}
