import { keyHash } from "../session/key-hash.ts";

/** Places for hashes: as many strangers may come between two requests of a session, about. */
const PLACES = 65_536;

/**
 * Which keys came lately, in four bytes each and without the keys: a place for each hash, where a newer one displaces the older. So
 * somebody who comes once leaves nothing behind that has to be collected.
 */
export class SeenKeys {
  readonly #hashes = new Int32Array(PLACES);

  /** True when the key, or another of its hash, came before and none has taken its place since. Notes it. */
  again(key: string): boolean {
    const hash = keyHash(key) || 1;
    const place = (hash ^ (hash >>> 16)) & (PLACES - 1);
    if (this.#hashes[place] === hash) return true;
    this.#hashes[place] = hash;
    return false;
  }
}
