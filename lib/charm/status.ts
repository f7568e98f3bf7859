/** The statuses a charm may report; `error` and `unknown` are Juju's own. */
export type StatusName = "active" | "waiting" | "maintenance" | "blocked";

/** What a unit reports: `blocked` needs a person, `waiting` and `maintenance` heal by themselves. */
export interface Status<N extends StatusName = StatusName> {
  readonly name: N;
  /** Read in a table: `endpoint: what is the matter`. Empty for plain `active`. */
  readonly message: string;
}

/** Works as it should. */
export const active = (message = ""): Status<"active"> => ({ name: "active", message });

/** Will heal by itself once something else has happened. */
export const waiting = (message: string): Status<"waiting"> => ({ name: "waiting", message });

/** Busy with something of its own. */
export const maintenance = (message: string): Status<"maintenance"> => ({ name: "maintenance", message });

/** A person must act; the message says how. */
export const blocked = (message: string): Status<"blocked"> => ({ name: "blocked", message });

const severity: Readonly<Record<StatusName, number>> = { active: 0, waiting: 1, maintenance: 2, blocked: 3 };

/**
 * The worst of several statuses: blocked, maintenance, waiting, active. The first of equally bad ones wins;
 * none at all is active.
 *
 * @example
 * ```ts
 * worst([active(), waiting("db"), waiting("cache")]); // waiting("db")
 * ```
 */
export function worst(statuses: readonly Status[]): Status {
  return statuses.reduce<Status>(
    (a, b) => (severity[b.name] > severity[a.name] ? b : a),
    statuses[0] ?? active(),
  );
}

/** `blocked: oauth: relation required`, or the name alone when there is no message. */
export function statusText(status: { readonly name: string; readonly message: string }): string {
  return status.message === "" ? status.name : `${status.name}: ${status.message}`;
}
