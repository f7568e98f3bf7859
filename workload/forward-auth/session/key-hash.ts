/** A hash of a key's last 16 characters, FNV-1a in 32 bits: of a signature they say enough. */
export function keyHash(key: string): number {
  let hash = 0x811c9dc5;
  for (let at = Math.max(0, key.length - 16); at < key.length; at++)
    hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  return hash | 0;
}
