import { readFileSync, writeFileSync } from "node:fs";

/**
 * Puts a benchmark's table between its marks, `<!-- bench:hooks -->` and `<!-- /bench:hooks -->`.
 *
 * @throws {Error} When the file lacks the marks.
 */
export function writeTable(file: string, name: string, text: string): void {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const whole = readFileSync(file, "utf8");
  const [from, to] = [whole.indexOf(start), whole.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`Cannot write ${file}: it has no ${start} before ${end}`);
  writeFileSync(file, `${whole.slice(0, from + start.length)}\n\n${text}\n\n${whole.slice(to)}`);
}
