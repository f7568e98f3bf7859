/**
 * A short name for content, to notice that it changed. Not for security: FNV-1a, twice with different seeds.
 * Loading `node:crypto` for this costs more than a whole hook's questions (5 ms).
 *
 * @see RFC 9923 (FNV)
 */
export function fingerprint(content: string): string {
  return hash(content, 0x811c9dc5) + hash(content, 0x01234567);
}

function hash(content: string, seed: number): string {
  let value = seed;
  for (let index = 0; index < content.length; index++) {
    const unit = content.charCodeAt(index);
    value = Math.imul(value ^ (unit & 0xff), 0x01000193);
    value = Math.imul(value ^ (unit >>> 8), 0x01000193);
  }
  return (value >>> 0).toString(16).padStart(8, "0");
}
