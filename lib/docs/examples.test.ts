import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { pages } from "./pages.ts";
import { publicNames, snippets, withImports } from "./snippets.ts";

const root = path.resolve(import.meta.dirname, "../..");
const folder = path.join(root, ".cache", "docs");
const stage = path.join(import.meta.dirname, "testdata", "stage.ts");
const onStage = Array.from(
  readFileSync(stage, "utf8").matchAll(/^export (?:declare )?(?:const|function) (\w+)/gm),
  ([, name = ""]) => [name, `import { ${name} } from "${stage}";`] as const,
);
const short = snippets(new Map([...publicNames(), ...onStage]));
const written = pages().filter(({ fences }) => fences.some(({ language }) => language === "ts"));

/** Runs a program of node_modules on the project's Node.js; says what it printed when it fails. */
function run(file: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(root, file), ...args], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, VITEST: undefined, NO_COLOR: "1" },
  });
  return status === 0 ? stdout : `${stdout}${stderr}\nexit code ${status}`;
}

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  for (const { name, fences } of written) {
    for (const { language, file, text } of fences) {
      if (language !== "ts" || file === undefined) continue;
      mkdirSync(path.dirname(path.join(folder, name, file)), { recursive: true });
      writeFileSync(path.join(folder, name, file), text);
    }
  }
  for (const [index, { text }] of short.entries()) {
    mkdirSync(path.join(folder, "short"), { recursive: true });
    writeFileSync(path.join(folder, "short", `${index}.ts`), text);
  }
  writeFileSync(path.join(folder, "short", "charm.ts"), `export { charm as default } from "${stage}";\n`);
  mkdirSync(path.join(folder, "short", "dashboards"));
  writeFileSync(path.join(folder, "short", "dashboards", "web.json"), "{}");
  // Nobody uses what an example makes, and what is imported may be a type.
  const compilerOptions = { noUnusedLocals: false, verbatimModuleSyntax: false };
  const ofShort = { extends: "../../../tsconfig.json", include: ["*.ts"], exclude: [], compilerOptions };
  writeFileSync(path.join(folder, "short", "tsconfig.json"), JSON.stringify(ofShort));
  const config = { extends: "../../tsconfig.json", include: ["**/*.ts"], exclude: ["short"] };
  writeFileSync(path.join(folder, "tsconfig.json"), JSON.stringify(config));
});

describe.each(written)("$path", ({ name, fences }) => {
  const code = fences.filter(({ language }) => language === "ts");

  test("every example is a file", () => {
    expect(code.filter(({ file }) => file === undefined).map(({ line }) => `line ${line}`)).toEqual([]);
  });

  test("every file's name can be read above it", () => {
    const named = fences.filter(({ file }) => file !== undefined);
    const unseen = named.filter(({ file, lead }) => !lead.includes(`\`${file}\``));
    expect(unseen.map(({ file, line }) => `line ${line}: ${file}`)).toEqual([]);
  });

  test("has a test that runs", () => {
    expect(code.map(({ file }) => file)).toContainEqual(expect.stringMatching(/\.test\.ts$/));
    expect(name).toMatch(/^[a-z0-9-]+$/);
  });
});

test("short examples of the reference and of READMEs are found, with what they use", () => {
  expect(short.length).toBeGreaterThan(40);
  const known = new Map([["worst", 'import { worst } from "a";']]);
  expect(withImports('worst([]); // "known"\n', known)).toBe(
    'import { worst } from "a";\nworst([]); // "known"\nexport {};\n',
  );
  expect(withImports("const worst = 1;\n", known)).toBe("\nconst worst = 1;\nexport {};\n");
});

test("every example compiles", () => {
  expect(run("node_modules/typescript/bin/tsc", "-p", path.join(folder, "tsconfig.json"))).toBe("");
});

test("every short example compiles", () => {
  const said = run("node_modules/typescript/bin/tsc", "-p", path.join(folder, "short", "tsconfig.json"));
  expect(said.replace(/\S*short\/(\d+)\.ts/g, (_, index) => short[Number(index)]?.place ?? index)).toBe("");
});

test("every example's test passes", () => {
  const output = run("node_modules/vitest/vitest.mjs", "run", "--config", "lib/docs/vitest.config.ts");
  expect(output).not.toContain("exit code");
  const files = written.flatMap(({ fences }) => fences.filter(({ file }) => file?.endsWith(".test.ts")));
  expect(output).toContain(`Test Files  ${files.length} passed (${files.length})`);
});
