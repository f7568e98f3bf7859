import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { PebbleClient } from "../index.ts";
import { createPebble } from "./pebble.ts";
import { isSize } from "./terminal.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

test("without python3 a terminal is refused, and nothing is run", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "iap-terminal-"));
  const pebble = await createPebble({ root: path.join(folder, "root"), image: folder });
  const client = new PebbleClient(pebble.handle);
  vi.stubEnv("PATH", "/nowhere");
  try {
    const running = client.exec(["/bin/true"], { terminal: { width: 80, height: 24 } });
    await expect(running).rejects.toMatchObject({
      status: 500,
      detail: "cannot call exec: embedded Pebble needs python3 for a terminal",
    });
    expect(await client.changes({ select: "all" })).toEqual([]);
  } finally {
    await pebble.close();
    rmSync(folder, { recursive: true });
  }
});

test.each([
  [0, true],
  [65_535, true],
  [65_536, false],
  [-1, false],
  [1.5, false],
  [Number.NaN, false],
])("isSize(%d) is %s", (value, expected) => expect(isSize(value)).toBe(expected));
