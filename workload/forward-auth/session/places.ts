import { keyHash } from "./key-hash.ts";

/** Something that lies in a place. */
export interface Placed {
  /** All of its key. */
  readonly value: string;
}

/**
 * A bounded number of things, found by the end of their key, which should be one that nobody can choose, and then by all of it. Each
 * end has a few places, in which a newer thing takes the place of another.
 *
 * Not a map: each time that a map which loses as much as it gains is rebuilt, the old one goes on holding what was in it until all of
 * the memory is searched.
 */
export class Places<Thing extends Placed> {
  readonly #things: (Thing | undefined)[];
  readonly #ways: number;
  readonly #mask: number;
  #turn = 0;

  /** @param count A power of two. @param ways Places for one end; a power of two. */
  constructor(count: number, ways: number) {
    this.#things = new Array<Thing | undefined>(count).fill(undefined);
    this.#ways = ways;
    this.#mask = count - 1;
  }

  get(value: string): Thing | undefined {
    const first = this.#first(value);
    for (let at = first; at < first + this.#ways; at++) {
      const thing = this.#things[at];
      if (thing?.value === value) return thing;
    }
    return undefined;
  }

  set(thing: Thing): void {
    const first = this.#first(thing.value);
    this.#clear(first, thing.value);
    for (let at = first; at < first + this.#ways; at++) {
      if (this.#things[at] !== undefined) continue;
      this.#things[at] = thing;
      return;
    }
    this.#things[first + (this.#turn++ & (this.#ways - 1))] = thing;
  }

  delete(value: string): void {
    this.#clear(this.#first(value), value);
  }

  #clear(first: number, value: string): void {
    for (let at = first; at < first + this.#ways; at++)
      if (this.#things[at]?.value === value) this.#things[at] = undefined;
  }

  #first(value: string): number {
    return keyHash(value) & this.#mask & -this.#ways;
  }
}
