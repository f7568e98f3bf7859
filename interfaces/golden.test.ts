import { describe, expect, test } from "vitest";
import { replayDatabags, reportText } from "./golden.ts";

const folder = new URL("../test/golden/databags", import.meta.url).pathname;
const { files, unknown } = await replayDatabags(folder);

describe.each(files)("$file", (file) => {
  test("every recorded databag is read, written and understood as by the Python library, or a row says why not", () => {
    console.log(reportText(file));
    expect(file.differences).toEqual([]);
    const total = Object.values(file.counts).reduce((sum, { passed }) => sum + passed, 0);
    expect(total).toBeGreaterThan(0);
  });
});

test("every recorded file belongs to an interface here", () => {
  expect(unknown).toEqual([]);
  expect(files.length).toBeGreaterThanOrEqual(7);
});
