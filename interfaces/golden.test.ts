import { mkdtempDisposable, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import type { GoldenFile } from "./golden/types.ts";
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

describe("replayDatabags()", () => {
  async function altered(change: (golden: GoldenFile) => void): Promise<readonly string[]> {
    const golden = JSON.parse(await readFile(path.join(folder, "forward_auth.json"), "utf8")) as GoldenFile;
    change(golden);
    await using directory = await mkdtempDisposable(path.join(tmpdir(), "golden-"));
    await writeFile(path.join(directory.path, "forward_auth.json"), JSON.stringify(golden));
    return (await replayDatabags(directory.path)).files[0]?.differences ?? [];
  }

  test("reports a value that Python read and ours did not", async () => {
    const differences = await altered(({ reads }) => {
      const parsed = reads[0]?.outcome.parsed as { info: { app_names: string[] } };
      parsed.info.app_names.push("another");
    });
    expect(differences).toEqual([expect.stringContaining("read: valid (oathkeeper-0.4): info.app_names")]);
  });

  test("reports a databag that ours writes otherwise, and cannot read", async () => {
    const differences = await altered(({ writes }) => {
      Object.assign(writes[0]?.local_app ?? {}, { app_names: "[7]" });
    });
    expect(differences).toEqual([
      expect.stringContaining("their writes read: minimal (oauth2-proxy-0.2): invalid"),
      expect.stringContaining("written: minimal (oauth2-proxy-0.2): app.app_names"),
    ]);
  });

  test("reports a row of the README that excuses nothing", async () => {
    const differences = await altered((golden) => Object.assign(golden, { writes: [] }));
    expect(differences).toContain('written: row "headers None (oauth2-proxy-0.2)" excuses nothing');
  });
});

test("every recorded file belongs to an interface here", () => {
  expect(unknown).toEqual([]);
  expect(files.length).toBeGreaterThanOrEqual(7);
});
