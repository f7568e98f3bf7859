/** A map that forgets its oldest entries when it is full. */
export class Bounded<Key, Value> {
  readonly #most: number;
  readonly #map = new Map<Key, Value>();

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
    if (this.#map.size <= this.#most) return;
    for (const oldest of this.#map.keys()) {
      this.#map.delete(oldest);
      break;
    }
  }

  delete(key: Key): void {
    this.#map.delete(key);
  }
}
