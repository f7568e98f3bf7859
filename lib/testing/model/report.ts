/** A fake model's history in plain words, for the text and the page alike. */

import { type Difference, differences, type Shown } from "./facts.ts";
import type { Entry, Journal } from "./journal.ts";

/** One subject that an event changed. */
export interface ReportedChange {
  /** `auth/0 status`, `relation 3 hydra`. */
  readonly subject: string;
  readonly differences: readonly Difference[];
}

export interface ReportedEvent {
  /** From 1. */
  readonly number: number;
  readonly title: string;
  readonly kind: Entry["kind"];
  readonly end: Entry["end"];
  /** Seconds since the first event. */
  readonly seconds: number;
  readonly changes: readonly ReportedChange[];
  readonly logs: readonly string[];
  /** Unit and application → status after the event. */
  readonly statuses: Shown;
}

export interface Report {
  readonly model: string;
  readonly revealed: boolean;
  readonly events: readonly ReportedEvent[];
}

/** Makes the report. Values of secrets are `***` wherever they stand, unless revealed. */
export function reportOf(model: string, journal: Journal, reveal: boolean): Report {
  const clean = (text: string) => (reveal ? text : journal.redactor.clean(text));
  const cleaned = (text: string | undefined) => (text === undefined ? undefined : clean(text));
  const statuses = new Map<string, string>();
  const start = journal.entries[0]?.time ?? 0;
  const events = journal.entries.map((entry, index): ReportedEvent => {
    const changes = entry.changes.map((change) => ({
      subject: change.subject,
      differences: differences(change, reveal).map(({ key, before, after }) => ({
        key,
        before: cleaned(before),
        after: cleaned(after),
      })),
    }));
    for (const {
      subject,
      differences: [first],
    } of changes) {
      if (!subject.endsWith(" status")) continue;
      const name = subject.slice(0, -" status".length);
      if (first?.after === undefined) statuses.delete(name);
      else statuses.set(name, first.after);
    }
    return {
      number: index + 1,
      title: entry.title,
      kind: entry.kind,
      end: entry.end,
      seconds: (entry.time - start) / 1000,
      changes: changes.filter((change) => change.differences.length > 0),
      logs: entry.logs.map(clean),
      statuses: Object.fromEntries([...statuses].sort()),
    };
  });
  return { model, revealed: reveal, events };
}

/** `ended` is not worth a word. */
export function endText({ end }: ReportedEvent): string {
  return end === undefined || end === "ended" ? "" : ` (${end})`;
}
