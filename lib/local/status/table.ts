/** One cell, or one that stands at the right of its column. */
export type Cell = string | { readonly right: string };

interface Placed {
  readonly text: string;
  readonly right: boolean;
}

function placed(cell: Cell): Placed {
  return typeof cell === "string" ? { text: cell, right: false } : { text: cell.right, right: true };
}

/**
 * Aligns rows as Go's tab writer does with two spaces of padding: the last cell of a row is not padded; a
 * newline in a cell ends the row, and what follows it is aligned as a new block.
 *
 * @returns Text that ends with a newline, or nothing without rows.
 * @see Go: text/tabwriter; Juju: cmd/output
 */
export function table(rows: readonly (readonly Cell[])[]): string {
  const lines: Placed[][] = rows.flatMap((row) => splitLines(row.map(placed)));
  const widths: number[][] = lines.map((line) => line.map(() => 0));
  measure(lines, widths);
  return lines.map((line, at) => `${lineText(line, widths[at] ?? [])}\n`).join("");
}

function splitLines(row: readonly Placed[]): Placed[][] {
  const lines: Placed[][] = [[]];
  for (const { text, right } of row) {
    text.split("\n").forEach((part, index) => {
      if (index > 0) lines.push([]);
      lines.at(-1)?.push({ text: part, right });
    });
  }
  return lines;
}

/** A column is a run of lines that all have a cell there beside their last; each run has its own width. */
function measure(lines: readonly Placed[][], widths: number[][]): void {
  const columns = Math.max(0, ...lines.map((line) => line.length - 1));
  for (let column = 0; column < columns; column += 1) {
    for (let start = 0; start < lines.length; ) {
      let end = start;
      while (end < lines.length && (lines[end]?.length ?? 0) - 1 > column) end += 1;
      const run = lines.slice(start, end);
      const width = Math.max(0, ...run.map((line) => [...(line[column]?.text ?? "")].length));
      for (let at = start; at < end; at += 1) (widths[at] as number[])[column] = width;
      start = Math.max(end, start + 1);
    }
  }
}

function lineText(line: readonly Placed[], widths: readonly number[]): string {
  return line
    .map(({ text, right }, column) => {
      if (column === line.length - 1) return text;
      const space = " ".repeat(Math.max(0, (widths[column] ?? 0) - [...text].length));
      return right ? `${space}${text}  ` : `${text}${space}  `;
    })
    .join("");
}
