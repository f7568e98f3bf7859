/**
 * A short name for content, to notice that it changed. Not for security: FNV-1a, twice with different seeds.
 * Loading `node:crypto` for this costs more than a whole hook's questions (5 ms).
 *
 * @see RFC 9923 (FNV)
 */
export function fingerprint(content: string): string {
  let first = 0x811c9dc5;
  let second = 0x01234567;
  for (let index = 0; index < content.length; index++) {
    const unit = content.charCodeAt(index);
    first = mixed(first, unit);
    second = mixed(second, unit);
  }
  return hexadecimal(first) + hexadecimal(second);
}

function mixed(value: number, unit: number): number {
  return Math.imul(Math.imul(value ^ (unit & 0xff), PRIME) ^ (unit >>> 8), PRIME);
}

const PRIME = 0x01000193;

function hexadecimal(value: number): string {
  return (value >>> 0).toString(16).padStart(8, "0");
}
