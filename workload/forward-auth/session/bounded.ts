/** A map that forgets its oldest entries when it is full. */
export class Bounded<Key, Value> {
  readonly #most: number;
  readonly #map = new Map<Key, Value>();
  /** Where the oldest entry was; a new walk would pass over all that were deleted since the map last grew. */
  #walk = this.#map.keys();

  /** @param most Entries kept. */
  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#map.size;
  }

  get(key: Key): Value | undefined {
    return this.#map.get(key);
  }

  has(key: Key): boolean {
    return this.#map.has(key);
  }

  set(key: Key, value: Value): void {
    this.#map.delete(key);
    this.#map.set(key, value);
    while (this.#map.size > this.#most) this.#map.delete(this.#oldest());
  }

  delete(key: Key): void {
    this.#map.delete(key);
  }

  /** The oldest key of a map that is not empty. */
  #oldest(): Key {
    let step = this.#walk.next();
    if (step.done) {
      this.#walk = this.#map.keys();
      step = this.#walk.next();
    }
    return step.value as Key;
  }
}
