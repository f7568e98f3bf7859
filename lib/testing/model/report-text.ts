import type { Difference } from "./facts.ts";
import { endText, type Report, type ReportedEvent } from "./report.ts";

function difference(subject: string, { key, before, after }: Difference): string {
  const name = key === "" ? subject : `${subject} ${key}`;
  if (before === undefined) return `    + ${name}: ${after}`;
  return after === undefined ? `    - ${name}: ${before}` : `    ~ ${name}: ${before} → ${after}`;
}

function eventText(event: ReportedEvent): string {
  const time = `t=${event.seconds.toFixed(0)}s`;
  const lines = [
    `${event.number}. ${event.kind === "verb" ? "» " : ""}${event.title}${endText(event)}, ${time}`,
    ...event.changes.flatMap(({ subject, differences }) =>
      differences.map((one) => difference(subject, one)),
    ),
    ...event.logs.map((line) => `    | ${line}`),
  ];
  return lines.join("\n");
}

/** The report as text: `+` came, `-` went, `~` changed, `|` was logged, `»` the test did. */
export function textReport({ model, events }: Report): string {
  return `Model ${model}, ${events.length} events\n\n${events.map(eventText).join("\n")}\n`;
}
