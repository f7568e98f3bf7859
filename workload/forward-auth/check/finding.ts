/** One thing that was looked at, and what came of it. */
export interface Finding {
  readonly level: "ok" | "warning" | "problem";
  readonly topic: "configuration" | "provider" | "gateway";
  /** The option to change, by key or by its place in an alpha configuration. */
  readonly option?: string;
  readonly text: string;
  /** What to do about it. */
  readonly fix?: string;
}

/** Findings of one topic, as they come. */
export class Findings {
  readonly list: Finding[] = [];
  readonly #topic: Finding["topic"];

  constructor(topic: Finding["topic"]) {
    this.#topic = topic;
  }

  ok(text: string): void {
    this.list.push({ level: "ok", topic: this.#topic, text });
  }

  /** Something that works but may not be meant. */
  warn(text: string, about: { readonly option?: string; readonly fix?: string } = {}): void {
    this.list.push({ level: "warning", topic: this.#topic, text, ...about });
  }

  /** Something that does not work, or leaves a door open. */
  problem(text: string, about: { readonly option?: string; readonly fix?: string } = {}): void {
    this.list.push({ level: "problem", topic: this.#topic, text, ...about });
  }
}

const SIGNS = { ok: "ok     ", warning: "warning", problem: "PROBLEM" } as const;

/** A line a finding, with what to do below it. */
export function asText(findings: readonly Finding[]): string {
  const lines = findings.map(({ level, topic, text, fix }) => {
    const below = fix === undefined ? "" : `\n                         → ${fix}`;
    return `${SIGNS[level]} ${topic.padEnd(14)} ${text}${below}`;
  });
  const count = (level: Finding["level"]) => findings.filter((finding) => finding.level === level).length;
  return `${lines.join("\n")}\n${count("problem")} problems, ${count("warning")} warnings\n`;
}

/** The same for programs: `{"valid": …, "findings": […]}`. */
export function asJson(findings: readonly Finding[]): string {
  const valid = findings.every(({ level }) => level !== "problem");
  return `${JSON.stringify({ valid, findings }, null, 2)}\n`;
}
