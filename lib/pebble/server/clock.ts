/** Time as embedded Pebble takes it, so that tests can give their own. */
export interface PebbleClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs something later; the result calls it off. */
  after(ms: number, run: () => void): () => void;
}

/** Longest delay a timer of Node.js takes. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** The machine's clock. */
export const systemClock: PebbleClock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, Math.min(Math.max(ms, 0), MAX_DELAY_MS));
    return () => clearTimeout(timer);
  },
};

/** Waits on a clock; false when the signal came first. */
export function sleep(clock: PebbleClock, ms: number, signal?: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      resolve(false);
      return;
    }
    const stop = () => {
      cancel();
      resolve(false);
    };
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener("abort", stop);
      resolve(true);
    });
    signal?.addEventListener("abort", stop, { once: true });
  });
}
