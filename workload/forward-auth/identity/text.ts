/** Text of header values. */

/**
 * A header value as Node.js writes it: UTF-8 bytes as latin1. Controls but the tab become blanks, outer blanks are cut.
 */
export function headerText(value: string): string {
  if (/^[\x21-\x7e]*$/.test(value)) return value;
  const clean = value.replace(/[\x00-\x08\x0a-\x1f\x7f]/g, " ").replace(/^[ \t]+|[ \t]+$/g, "");
  return Buffer.from(clean, "utf8").toString("latin1");
}

/** Spellings remembered at most. */
const REMEMBERED = 4096;

const canonical = new Map<string, string>();

/**
 * A name as Go's servers and clients write it: `x-request-id` becomes `X-Request-Id`; a name that is no token stays as it is.
 *
 * @see golang/go: src/net/textproto/reader.go (CanonicalMIMEHeaderKey)
 */
export function canonicalName(name: string): string {
  const known = canonical.get(name);
  if (known !== undefined) return known;
  const made = /^[\w!#$%&'*+.^`|~-]+$/.test(name)
    ? name.toLowerCase().replace(/^[a-z]|-[a-z]/g, (start) => start.toUpperCase())
    : name;
  if (canonical.size < REMEMBERED && name.length < 64) canonical.set(name, made);
  return made;
}

/** A name without regard to what servers of applications may merge: case, `_`, `.` and `-`. */
export function foldedName(name: string): string {
  return name.toLowerCase().replace(/[_.]/g, "-");
}
