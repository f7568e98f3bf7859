import { namesFor } from "./fixes.ts";

/** One thing that was looked at, and what came of it. */
export interface Finding {
  readonly level: "ok" | "warning" | "problem";
  readonly topic: "configuration" | "provider" | "sessions" | "gateway";
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

/** The option by all its names, where the sentence does not have them, and what to do. */
function below({ option, text, fix }: Finding): string {
  const names = namesFor(option, text);
  const said = [...(names === "" ? [] : [names]), ...(fix === undefined ? [] : [fix])].join(": ");
  return said === "" ? "" : `\n                         → ${said}`;
}

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`;

/** A line a finding, with what to do below it. */
export function asText(findings: readonly Finding[]): string {
  const lines = findings.map(
    (finding) => `${SIGNS[finding.level]} ${finding.topic.padEnd(14)} ${finding.text}${below(finding)}`,
  );
  const count = (level: Finding["level"]) => findings.filter((finding) => finding.level === level).length;
  const sum = `${counted(count("problem"), "problem")}, ${counted(count("warning"), "warning")}`;
  return `${lines.join("\n")}\n${sum}\n`;
}

/** The same for programs: `{"valid": …, "findings": […]}`. */
export function asJson(findings: readonly Finding[]): string {
  const valid = findings.every(({ level }) => level !== "problem");
  return `${JSON.stringify({ valid, findings }, null, 2)}\n`;
}
