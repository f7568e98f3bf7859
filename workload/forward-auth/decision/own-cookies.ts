/**
 * The part of a `Cookie` header that may hold our session: from the first cookie whose name begins with `name` to the end of the
 * last one. Two headers with the same part have the same session, whatever other cookies surround it.
 *
 * @returns Undefined when there is none, or `name` stands where no cookie begins: then the header has to be read in full.
 */
export function ownCookies(header: string, name: string): string | undefined {
  // Gateways often send one cookie alone: then nothing needs to be looked for.
  if (header.startsWith(name) && !header.includes(";")) return header;
  const first = header.indexOf(name);
  if (first === -1 || !beginsCookie(header, first)) return undefined;
  let last = first;
  for (let next = first; next !== -1; next = header.indexOf(name, next + name.length)) last = next;
  const end = header.indexOf(";", last);
  return end === -1 && first === 0 ? header : header.slice(first, end === -1 ? header.length : end);
}

/** True at the start of the header, and behind `;` or `; `. */
function beginsCookie(header: string, at: number): boolean {
  if (at === 0) return true;
  const before = header.charCodeAt(at - 1);
  return before === 0x3b || (before === 0x20 && header.charCodeAt(at - 2) === 0x3b);
}
