/** Charms never stopped telling each other things, or a hook never stopped failing. */
export class SettleError extends Error {
  override readonly name = "SettleError";
  /** The last events, oldest first: `auth/0 oauth-relation-changed`. */
  readonly events: readonly string[];
  constructor(limit: number, events: readonly string[], failed: readonly string[]) {
    const errors = failed.length === 0 ? "" : `, failing: ${failed.join("; ")}`;
    super(`Cannot settle within ${limit} events, last: ${events.join(" → ")}${errors}`);
    this.events = events;
  }
}
