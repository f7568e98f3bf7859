/**
 * A stack whose places in a bundle are replaced by those in its sources, as the map beside the bundle has them.
 *
 * In place of `--enable-source-maps`, which reads the map in every hook: 10 ms and 10 MiB for what only a failure needs.
 */
export function sourceStack(stack: string): string {
  const maps = new Map<string, SourceMap | undefined>();
  return stack.replace(
    /(\/[^\s():]*\.cjs):(\d+):(\d+)/g,
    (whole, file: string, line: string, column: string) => {
      if (!maps.has(file)) maps.set(file, mapOf(file));
      const found = maps.get(file)?.findEntry(Number(line) - 1, Number(column) - 1);
      if (found === undefined || !("originalSource" in found)) return whole;
      return `${found.originalSource}:${found.originalLine + 1}:${found.originalColumn + 1}`;
    },
  );
}

type SourceMap = InstanceType<typeof import("node:module").SourceMap>;

/** `undefined` where there is none that can be read: the failure is told all the same. */
function mapOf(file: string): SourceMap | undefined {
  const { readFileSync } = process.getBuiltinModule("node:fs");
  const { SourceMap } = process.getBuiltinModule("node:module");
  try {
    return new SourceMap(JSON.parse(readFileSync(`${file}.map`, "utf8")));
  } catch {
    return undefined;
  }
}
