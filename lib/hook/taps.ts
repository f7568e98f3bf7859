/**
 * What a recording, or the replay of one, puts where a charm leaves this process and no context can be passed: secret values
 * that are revealed, and the way to Kubernetes. Kept under a shared symbol, for a bundle may hold two copies of this package.
 *
 * @internal
 */
export interface Taps {
  /** Told of every value that leaves its `Sensitive`. */
  readonly reveal?: (value: unknown) => void;
  /** Takes the place of a connection to Kubernetes; `open` makes the real one. */
  readonly cluster?: <Cluster>(open: () => Cluster) => Cluster;
}

const key = Symbol.for("charmed-iap.taps");
const holder = globalThis as { [key]?: Taps | undefined };

/** The taps of this process; none, but while something is recorded or replayed. */
export function taps(): Taps | undefined {
  return holder[key];
}

/** Puts taps in place until the returned function is called. */
export function tap(wanted: Taps): () => void {
  const before = holder[key];
  holder[key] = wanted;
  return () => {
    holder[key] = before;
  };
}
