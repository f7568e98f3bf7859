import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { globMatches } from "./glob.ts";
import { errorCode, FileFault } from "./go-errors.ts";
import { ContainerRoot } from "./root.ts";

let outer: string;
let base: string;

/** A tree full of links that would like to lead out. */
beforeAll(async () => {
  outer = await realpath(await mkdtemp(path.join(tmpdir(), "iap-root-")));
  base = path.join(outer, "root");
  await mkdir(path.join(base, "dir/sub"), { recursive: true });
  await writeFile(path.join(base, "file"), "");
  await writeFile(path.join(outer, "secret"), "");
  const links = {
    up: "..",
    top: "/",
    far: "../../../../..",
    own: base,
    out: outer,
    loop: "loop",
    chain: "dir/up/../up",
  };
  for (const [name, target] of Object.entries(links)) await symlink(target, path.join(base, name));
  await symlink("../..", path.join(base, "dir/up"));
  await symlink("/etc/passwd", path.join(base, "dir/passwd"));
});
afterAll(async () => {
  await rm(outer, { recursive: true });
});

const segment = fc.constantFrom(
  "..",
  ".",
  "",
  "dir",
  "sub",
  "file",
  "up",
  "top",
  "far",
  "own",
  "out",
  "loop",
  "chain",
  "passwd",
  "secret",
  "new",
);

describe("ContainerRoot.resolve()", () => {
  test("never leads out, whatever the path and the links on it", async () => {
    const root = new ContainerRoot(base);
    await fc.assert(
      fc.asyncProperty(
        fc.array(segment, { maxLength: 8 }),
        fc.constantFrom("follow", "keep"),
        async (segments, last) => {
          try {
            const { host, exists } = await root.resolve(`/${segments.join("/")}`, last as "follow");
            const real = exists && last === "follow" ? await realpath(host) : host;
            expect(real === base || real.startsWith(`${base}/`)).toBe(true);
          } catch (error) {
            expect(["ELOOP", "ENOTDIR"]).toContain(errorCode(error));
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  test("the last link is kept when asked, and a path of the machine means the same", async () => {
    const root = new ContainerRoot(base);
    expect(await root.resolve("/top", "keep")).toEqual({ host: path.join(base, "top"), exists: true });
    expect(await root.resolve("/top")).toEqual({ host: base, exists: true });
    expect(await root.resolve(path.join(base, "dir/sub"))).toEqual(await root.resolve("/dir/sub"));
    expect(await root.resolve(base)).toEqual({ host: base, exists: true });
    expect(await root.resolve(`${base}-other/x`)).toMatchObject({ exists: false });
    await expect(root.resolve("/file/x")).rejects.toMatchObject({ code: "ENOTDIR" });
    await expect(root.resolve("/a\0b")).rejects.toMatchObject({ code: "EINVAL" });
    expect(() => new ContainerRoot("relative")).toThrow(TypeError);
  });
});

describe("globMatches()", () => {
  test.each([
    ["*", "abc", true],
    ["*", "a/b", false],
    ["a*c", "abbc", true],
    ["a*c", "abbd", false],
    ["?", "é", true],
    ["[a-c]x", "bx", true],
    ["[^a-c]x", "bx", false],
    ["\\*", "*", true],
    ["\\*", "a", false],
    ["[\\]]", "]", true],
    ["", "", true],
    ["", "a", false],
    ["**a**", "bab", true],
  ])("%j matches %j: %s", (pattern, text, expected) => {
    expect(globMatches(pattern, text)).toBe(expected);
  });

  test.each(["[", "[a", "[]a]", "[-]", "[a-]", "\\", "[a\\"])("refuses %j", (pattern) => {
    expect(() => globMatches(pattern, "a")).toThrow("syntax error in pattern");
  });

  test("takes any pattern in little time, and matches any text with its own escape", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (pattern, text) => {
        try {
          globMatches(pattern, text);
        } catch (error) {
          expect(error).toBeInstanceOf(FileFault);
        }
        const plain = text.replaceAll("/", "");
        expect(globMatches([...plain].map((one) => `\\${one}`).join(""), plain)).toBe(true);
      }),
    );
    expect(globMatches("*a".repeat(500), "a".repeat(499))).toBe(false);
  });
});
