import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { type PebbleClient, PebblePathError } from "../index.ts";
import { failure, type Ground, refusal } from "./ground.ts";

/** A folder of this machine that goes with its block. */
function scratch(): Disposable & { readonly path: string } {
  const folder = mkdtempSync(path.join(tmpdir(), "iap-transfer-"));
  return { path: folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

export function files(on: Ground): void {
  const { at } = on;
  describe("files", () => {
    test("are written whole, with mode, and read back", async () => {
      const bytes = new Uint8Array(300_000).map((_, index) => index % 251);
      await on.pebble.write(at('odd "name" \\ é.bin'), bytes, { permissions: "600" });
      expect(Buffer.from(await on.pebble.read(at('odd "name" \\ é.bin'))).equals(Buffer.from(bytes))).toBe(
        true,
      );
      const [entry] = await on.pebble.listFiles(at('odd "name" \\ é.bin'));
      expect(entry).toMatchObject({ type: "file", size: 300_000, permissions: "600" });
      await on.pebble.write(at("sub/dir/file"), "", { makeDirs: true });
      expect(await on.pebble.readText(at("sub/dir/file"))).toBe("");
      const [sub] = await on.pebble.listFiles(at("sub/dir"));
      expect(sub).toMatchObject({ name: "file", path: at("sub/dir/file"), size: 0, permissions: "644" });
      const [itself] = await on.pebble.listFiles(at("sub/dir"), { itself: true });
      expect(itself).toMatchObject({ name: "dir", type: "directory", permissions: "755" });
      expect(itself).not.toHaveProperty("size");
    });

    test("several in one request, each with its own outcome", async () => {
      const files = [
        { path: at("a"), content: "1" },
        { path: at("missing/b"), content: "2" },
      ];
      const error = (await failure(on.pebble.writeFiles(files))) as PebblePathError;
      expect(error).toBeInstanceOf(PebblePathError);
      expect(error).toMatchObject({ path: at("missing/b"), kind: "not-found" });
      expect(await on.pebble.readText(at("a"))).toBe("1");
    });

    test("are read together, without those that do not exist", async () => {
      for (const name of ["a", 'odd "name" \\ é', "empty"])
        await on.pebble.write(at(name), name === "empty" ? "" : name);
      const names = ["a", "none", "empty", 'odd "name" \\ é', "a"];
      const found = await on.pebble.readFiles(names.map(at));
      const texts = [...found].map(([path, bytes]) => [path, Buffer.from(bytes).toString("utf8")]);
      expect(Object.fromEntries(texts)).toEqual({
        [at("a")]: "a",
        [at("empty")]: "",
        [at('odd "name" \\ é')]: 'odd "name" \\ é',
      });
      expect(await on.pebble.readFiles([])).toEqual(new Map());
      const error = await failure(on.pebble.readFiles([at("a"), at("")]));
      expect(error).toMatchObject({ code: "ERR_PEBBLE_PATH", path: at(""), kind: "generic-file-error" });
    });

    test("are read together, however many", async () => {
      const paths = Array.from({ length: 300 }, (_, index) => at(`many/${"long-name-".repeat(8)}${index}`));
      await on.pebble.writeFiles(
        paths.map((path, index) => ({ path, content: String(index), makeDirs: true })),
      );
      const found = await on.pebble.readFiles(paths);
      expect(paths.map((path) => Buffer.from(found.get(path)!).toString("utf8"))).toEqual(
        paths.map((_, index) => String(index)),
      );
    });

    test("are listed in name order, by pattern, links as links", async () => {
      for (const name of ["b.txt", "a.txt", "c.md"]) await on.pebble.write(at(name), name);
      await on.pebble.exec(["/bin/ln", "-s", "a.txt", "link.txt"], { workingDir: on.directory });
      const names = async (pattern?: string) =>
        (await on.pebble.listFiles(on.directory, pattern ? { pattern } : {})).map(({ name }) => name);
      expect(await names()).toEqual(["a.txt", "b.txt", "c.md", "link.txt"]);
      expect(await names("*.txt")).toEqual(["a.txt", "b.txt", "link.txt"]);
      expect(await names("[a-b].*")).toEqual(["a.txt", "b.txt"]);
      expect(await names("[^a].???")).toEqual(["b.txt"]);
      expect((await on.pebble.listFiles(on.directory)).find(({ name }) => name === "link.txt")).toMatchObject(
        { type: "symlink" },
      );
      expect(await on.pebble.readText(at("link.txt"))).toBe("a.txt");
      expect(await refusal(on.pebble.listFiles(on.directory, { pattern: "[" }))).toMatchObject({
        status: 400,
        kind: "generic-file-error",
        detail: "syntax error in pattern",
      });
    });

    test.each<
      [string, (pebble: PebbleClient, at: (name: string) => string) => Promise<unknown>, string, RegExp]
    >([
      [
        "read a missing file",
        (p, at) => p.read(at("none")),
        "not-found",
        /: stat .*\/none: no such file or directory$/,
      ],
      [
        "read a directory",
        (p, at) => p.read(at("")),
        "generic-file-error",
        /: can only read a regular file: ".*"$/,
      ],
      [
        "read a relative path",
        (p) => p.read("a"),
        "generic-file-error",
        /: paths must be absolute, got "a"$/,
      ],
      [
        "write to a missing directory",
        (p, at) => p.write(at("no/a"), ""),
        "not-found",
        /: open .*no such file or directory$/,
      ],
      [
        "write with a long mode",
        (p, at) => p.write(at("a"), "", { permissions: "0644" }),
        "generic-file-error",
        /: permissions must be a 3-digit octal string, got "0644"$/,
      ],
      [
        "write with a wrong mode",
        (p, at) => p.write(at("a"), "", { permissions: "9ab" }),
        "generic-file-error",
        /: permissions must be a 3-digit octal string, got "9ab"$/,
      ],
      [
        "make a directory twice",
        (p, at) => p.makeDir(at("d")).then(() => p.makeDir(at("d"))),
        "generic-file-error",
        /: mkdir .*\/d: file exists$/,
      ],
      [
        "make a directory without its parent",
        (p, at) => p.makeDir(at("x/y")),
        "not-found",
        /: mkdir .*\/x\/y.*: no such file or directory$/,
      ],
      [
        "make a directory below a file",
        (p, at) => p.write(at("f"), "").then(() => p.makeDir(at("f/d"), { makeParents: true })),
        "generic-file-error",
        /: mkdir .*\/f: not a directory$/,
      ],
      [
        "remove a missing file",
        (p, at) => p.remove(at("none")),
        "not-found",
        /: remove .*\/none: no such file or directory$/,
      ],
      [
        "remove a full directory",
        (p, at) => p.write(at("d/f"), "", { makeDirs: true }).then(() => p.remove(at("d"))),
        "generic-file-error",
        /: remove .*\/d: directory not empty$/,
      ],
    ])("cannot %s", async (_what, act, kind, message) => {
      const error = (await failure(act(on.pebble, at))) as PebblePathError;
      expect(error).toBeInstanceOf(PebblePathError);
      expect(error.kind).toBe(kind);
      expect(error.message).toMatch(message);
    });

    test("directories are pushed and pulled whole, faults told at the end", async () => {
      using folder = scratch();
      const text = (name: string) => readFileSync(`${folder.path}/${name}`, "utf8");
      for (const name of ["in/a", "in/sub/b", "in/sub/deep/c"]) {
        mkdirSync(path.dirname(`${folder.path}/${name}`), { recursive: true });
        writeFileSync(`${folder.path}/${name}`, name);
      }
      mkdirSync(`${folder.path}/in/empty`);
      await on.pebble.pushPath(`${folder.path}/in`, at("x"));
      await on.pebble.pushPath([`${folder.path}/in/sub/*`, `${folder.path}/in/a`], at("flat"));
      const names = async (name: string) => (await on.pebble.listFiles(at(name))).map((one) => one.name);
      expect([await names("x/in"), await names("flat"), await names("x/in/empty")]).toEqual([
        ["a", "empty", "sub"],
        ["a", "b", "deep"],
        [],
      ]);
      expect(await on.pebble.readText(at("x/in/sub/deep/c"))).toBe("in/sub/deep/c");
      await on.pebble.pullPath(at("x/in"), `${folder.path}/out`);
      await on.pebble.pullPath([at("x/in/sub/*"), at("flat/a")], `${folder.path}/flat`);
      expect(readdirSync(`${folder.path}/out`, { recursive: true }).sort()).toEqual([
        "in",
        "in/a",
        "in/empty",
        "in/sub",
        "in/sub/b",
        "in/sub/deep",
        "in/sub/deep/c",
      ]);
      expect([text("flat/b"), text("flat/deep/c"), text("flat/a")]).toEqual([
        "in/sub/b",
        "in/sub/deep/c",
        "in/a",
      ]);
      const missing = [at("none"), at("flat/a"), at("gone/*")];
      const error = await failure(on.pebble.pullPath(missing, `${folder.path}/part`));
      expect(error).toMatchObject({
        code: "ERR_PEBBLE_TRANSFER",
        faults: [{ path: at("none") }, { path: at("gone") }],
      });
      expect(text("part/a")).toBe("in/a");
      expect(await failure(on.pebble.pushPath([`${folder.path}/none`], at("y")))).toMatchObject({
        faults: [{ path: `${folder.path}/none` }],
      });
    });

    test("stat() is the entry itself, or nothing", async () => {
      await on.pebble.makeDir(at("d"));
      expect(await on.pebble.stat(at("d"))).toMatchObject({ type: "directory", name: "d" });
      expect(await on.pebble.stat(at("none"))).toBeUndefined();
      expect(await on.pebble.findFiles(at("none"))).toBeUndefined();
      expect(await on.pebble.findText(at("none"))).toBeUndefined();
      expect(await refusal(on.pebble.findFiles("d"))).toMatchObject({ status: 400 });
    });

    test("directories are made with their parents, and removed with all in them", async () => {
      await on.pebble.makeDir(at("x/y/z"), { makeParents: true, permissions: "700" });
      await on.pebble.makeDir(at("x/y/z"), { makeParents: true });
      expect(await on.pebble.listFiles(at("x/y"))).toMatchObject([{ name: "z", permissions: "700" }]);
      await on.pebble.remove(at("x"), { recursive: true });
      await on.pebble.remove(at("x"), { recursive: true });
      expect(await refusal(on.pebble.listFiles(at("x")))).toMatchObject({ status: 404, kind: "not-found" });
    });

    test.each([
      ["a short boundary", "short", 'invalid boundary "short"'],
      ["no parts", "b".repeat(32), "cannot read request metadata: "],
    ])("multipart with %s is refused", async (_what, boundary, message) => {
      const headers = { "content-type": `multipart/form-data; boundary=${boundary}` };
      const answer = await on.transport.request({
        method: "POST",
        path: "/v1/files",
        headers,
        body: new Uint8Array(),
      });
      expect(answer.status).toBe(400);
      expect(JSON.parse(new TextDecoder().decode(answer.body)).result.message).toContain(message);
    });
  });
}
