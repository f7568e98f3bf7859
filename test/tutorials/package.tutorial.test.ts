/** The npm package, as an author outside this project meets it: a charm begun, tested, checked and packed. */

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { entriesOf } from "../../charmcraft/testing/entries.ts";
import { packPackage, run } from "../outside.ts";

const root = path.resolve(import.meta.dirname, "../..");
const outside = mkdtempSync(path.join(tmpdir(), "package-"));
const charm = path.join(outside, "web-k8s");

let archive: string;

beforeAll(async () => {
  archive = await packPackage(outside);
  writeFileSync(path.join(outside, "package.json"), '{ "private": true, "type": "module" }\n');
  await run(outside, "npm", "install", `./${archive}`);
  await run(outside, "npx", "iap", "init", "web-k8s");
  await run(charm, "npm", "install");
});
afterAll(() => rmSync(outside, { recursive: true }));

test("the begun charm passes its tests and its check", async () => {
  expect(await run(charm, "npm", "test")).toMatch(/Tests +6 passed/);
  expect(await run(charm, "npx", "iap", "check")).toBe("web-k8s: holds\n");
});

test("it packs: Juju's files, our code with the author's sources in its map, and Node.js", async () => {
  await run(charm, "npx", "iap", "pack", "--build-for", "amd64");
  const entries = await entriesOf(path.join(charm, "web-k8s_amd64.charm"));
  expect([...entries.keys()]).toEqual(
    expect.arrayContaining([
      "LICENSE",
      "dispatch",
      "main.cjs",
      "manifest.yaml",
      "metadata.yaml",
      "runtime/node",
    ]),
  );
  const { sources } = JSON.parse(entries.get("main.cjs.map")?.text ?? "") as { sources: string[] };
  expect(sources).toEqual(expect.arrayContaining(["charm.ts", "contract.ts", "workload.ts"]));
  expect(sources.some((source) => source.endsWith("lib/charm/dispatch.ts"))).toBe(true);
});

test("a changed contract fails the check until its files are emitted", async () => {
  const file = path.join(charm, "contract.ts");
  const before = readFileSync(file, "utf8");
  writeFileSync(file, before.replace("Shows a greeting.", "Shows another."));
  await expect(run(charm, "npx", "iap", "check")).rejects.toThrow(
    "charmcraft.yaml: it differs from the contract",
  );
  await run(charm, "npx", "iap", "emit");
  expect(await run(charm, "npx", "iap", "check")).toBe("web-k8s: holds\n");
  writeFileSync(file, before.replace('name: "web-k8s"', 'name: "Web"'));
  await expect(run(charm, "npx", "iap", "check")).rejects.toThrow('charm "Web": the name must match');
  writeFileSync(file, before);
  await run(charm, "npx", "iap", "emit");
});

test("every export is there for JavaScript, with types", async () => {
  const { exports } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as {
    exports: object;
  };
  const modules = Object.keys(exports).filter((name) => name !== "./package.json");
  const lines = modules.map((name, index) => `import * as m${index} from "charmed-iap${name.slice(1)}";`);
  writeFileSync(path.join(charm, "all.mjs"), [...lines, `console.log(typeof m0.active);`, ""].join("\n"));
  expect(await run(charm, "npx", "node", "all.mjs")).toBe("function\n");

  writeFileSync(
    path.join(charm, "typed.mjs"),
    `// @ts-check
${lines.join("\n")}
import { option } from "charmed-iap/charm";
option.int({ description: "x", default: 1 });
// @ts-expect-error The default of an integer is no text.
option.int({ description: "x", default: "1" });
// @ts-expect-error There is no such export.
m0.nothingOfThisName;
`,
  );
  await run(
    charm,
    "npx",
    "tsc",
    "--ignoreConfig",
    "--noEmit",
    "--allowJs",
    "--module",
    "nodenext",
    "--target",
    "es2024",
    "--skipLibCheck",
    "--types",
    "node",
    "--strict",
    "typed.mjs",
  );
});

test("a charm with a fault of type fails npm test", async () => {
  writeFileSync(path.join(charm, "wrong.ts"), 'import { active } from "charmed-iap/charm";\nactive(1);\n');
  try {
    await expect(run(charm, "npm", "test")).rejects.toThrow("wrong.ts");
  } finally {
    rmSync(path.join(charm, "wrong.ts"));
  }
});

test("the package is small, and has no tests in it", async () => {
  expect(statSync(path.join(outside, archive)).size).toBeLessThan(3_000_000);
  const files = await run(outside, "tar", "-tzf", archive);
  expect(files).toContain("package/LICENSE\n");
  expect(
    files.split("\n").filter((name) => /\.(test|suite)\.|\/(bench|fuzz|golden|testdata)\//.test(name)),
  ).toEqual([]);
});
