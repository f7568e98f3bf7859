/** Media types of files, by the end of their names: Go's own table, and what web pages are made of. */
const TYPES: Readonly<Record<string, string>> = {
  avif: "image/avif",
  css: "text/css; charset=utf-8",
  csv: "text/csv; charset=utf-8",
  gif: "image/gif",
  gz: "application/gzip",
  htm: "text/html; charset=utf-8",
  html: "text/html; charset=utf-8",
  ico: "image/vnd.microsoft.icon",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  js: "text/javascript; charset=utf-8",
  json: "application/json",
  md: "text/markdown; charset=utf-8",
  mjs: "text/javascript; charset=utf-8",
  mp3: "audio/mpeg",
  mp4: "video/mp4",
  otf: "font/otf",
  pdf: "application/pdf",
  png: "image/png",
  svg: "image/svg+xml",
  tar: "application/x-tar",
  ttf: "font/ttf",
  txt: "text/plain; charset=utf-8",
  wasm: "application/wasm",
  webm: "video/webm",
  webp: "image/webp",
  woff: "font/woff",
  woff2: "font/woff2",
  xml: "text/xml; charset=utf-8",
  yaml: "application/yaml",
  yml: "application/yaml",
  zip: "application/zip",
};

/**
 * The type of a file.
 *
 * @param name Its name; the end decides.
 * @param start Its first bytes, for names that say nothing: text, or any bytes. Never a page, whatever they look like.
 */
export function mediaType(name: string, start: Buffer): string {
  const end = /\.([^./]+)$/.exec(name)?.[1]?.toLowerCase() ?? "";
  const known = Object.hasOwn(TYPES, end) ? TYPES[end] : undefined;
  if (known !== undefined) return known;
  const binary = /[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]/.test(start.toString("latin1"));
  return binary ? "application/octet-stream" : "text/plain; charset=utf-8";
}
