import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { conformance } from "../../pebble/conformance/conformance.ts";
import { files } from "../../pebble/conformance/files.suite.ts";
import { PebbleClient, PebblePathError } from "../../pebble/index.ts";
import { createPebble, type EmbeddedPebble } from "../../pebble/server/index.ts";
import { type RootedPebble, rooted } from "./rooted.ts";
import { DIFFERS } from "./rooted-differences.ts";

/** A machine, which is a folder too: whatever leaves the container is still in it. */
async function machine() {
  const folder = await mkdtemp(path.join(tmpdir(), "rooted-"));
  const root = path.join(folder, "deep/root");
  await mkdir(path.join(root, "tmp"), { recursive: true });
  const pebble = await createPebble({ root: folder, image: folder });
  return { folder, root, pebble, transport: rooted(pebble.handle, root) };
}

conformance({
  name: "embedded, rooted in a folder",
  hasSocket: false,
  topics: [files],
  differs: (title) => DIFFERS[title],
  async start() {
    const { folder, pebble, transport } = await machine();
    return {
      transport,
      directory: "/tmp",
      httpAddress: "",
      async close() {
        await pebble.close();
        await rm(folder, { recursive: true });
      },
    };
  },
});

describe("rooted", () => {
  let on: { folder: string; root: string; pebble: EmbeddedPebble; transport: RootedPebble };
  let client: PebbleClient;
  beforeEach(async () => {
    on = await machine();
    client = new PebbleClient(on.transport);
  });
  afterEach(async () => {
    await on.pebble.close();
    await rm(on.folder, { recursive: true });
  });

  test("files land in the folder, and `..` leads no higher", async () => {
    await client.write("/etc/web.json", "{}", { makeDirs: true });
    await client.write("/../../../etc/up", "up", { makeDirs: true });
    await client.makeDir(`${on.root}/../../var`, { makeParents: true });
    expect((await readdir(path.join(on.root, "etc"))).sort()).toEqual(["up", "web.json"]);
    expect(await readdir(path.join(on.root, on.folder))).toEqual(["var"]);
    expect((await readdir(on.folder)).sort()).toEqual(["deep", "tmp"]);
    await writeFile(path.join(on.folder, "secret"), "of the machine");
    await expect(client.readText("/../../secret")).rejects.toThrow(PebblePathError);
    await client.remove("/../../secret", { recursive: true });
    expect(await readFile(path.join(on.folder, "secret"), "utf8")).toBe("of the machine");
  });

  test("answers have paths as they were asked for", async () => {
    const own = path.join(on.root, "etc/web.json");
    await client.write("/etc/web.json", "{}", { makeDirs: true });
    expect(await client.readText(own)).toBe("{}");
    expect((await client.listFiles("/etc")).map((one) => one.path)).toEqual(["/etc/web.json"]);
    expect((await client.listFiles(path.dirname(own))).map((one) => one.path)).toEqual([own]);
    const missing = client.readText("/etc/none");
    await expect(missing).rejects.toMatchObject({ path: "/etc/none" });
    await expect(missing).rejects.toThrow(/ \/etc\/none: no such file/);
  });

  test("a container with a file system of its own is left as it is", async () => {
    const whole = new PebbleClient(rooted(on.pebble.handle, "/"));
    await whole.write("/web.json", "{}");
    expect(await readFile(path.join(on.folder, "web.json"), "utf8")).toBe("{}");
    expect(() => rooted(on.pebble.handle, "root")).toThrow('Cannot use root "root": must be absolute');
  });
});
