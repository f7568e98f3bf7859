/** A source of numbers that gives the same ones for the same seed. */
export interface SeededRandom {
  next(): number;
  /** Where it is; give it to {@link seededRandom} to go on from here. */
  readonly state: number;
}

/** Numbers from 0 up to, not including, 1 (mulberry32). */
export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  return {
    next() {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
    },
    get state() {
      return state;
    },
  };
}
