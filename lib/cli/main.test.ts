import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");
let folder: string;
let charm: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "cli-"));
  // Inside the package, so that the charm can import it by its name.
  mkdirSync(path.join(root, "dist"), { recursive: true });
  charm = mkdtempSync(path.join(root, "dist", "cli-"));
  cpSync(path.join(root, "charms", "whoami-k8s"), charm, { recursive: true });
});
afterAll(() => {
  for (const each of [folder, charm]) rmSync(each, { recursive: true });
});

/** Runs `iap`. */
async function iap(...args: string[]) {
  const flags = ["--conditions=charmed-iap:source", "--disable-warning=ExperimentalWarning"];
  const main = path.join(root, "lib", "cli", "main.ts");
  const options = { reject: false, cwd: folder, env: { COLUMNS: "200" } } as const;
  const { exitCode, stdout, stderr } = await execa(process.execPath, [...flags, main, ...args], options);
  return { exitCode, stdout, stderr };
}

test.each([
  [[], "init", "emit", "check", "build", "adopt", "pack", "replay", "start", "stop", "env"],
  [["init"], "[folder]", "--name", "--adopt", "--license", "--package", "charm.test.ts"],
  [["emit"], "[charms...]", "--check"],
  [["check"], "[charms...]"],
  [["build"], "<charm> <folder>", "--build-for"],
  [["pack"], "[charms...]", "--build-for", "--output", "charmcraft"],
  [["adopt"], "<source>", "--output"],
])("the help of iap %j says what it takes", async (command, ...words) => {
  const { exitCode, stdout } = await iap(...command, "--help");
  expect(exitCode).toBe(0);
  for (const word of words) expect(stdout).toContain(word);
});

test("says its version", async () => {
  const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as {
    version: string;
  };
  expect(await iap("--version")).toEqual({ exitCode: 0, stdout: version, stderr: "" });
});

test("init: a bad name and a folder with files are refused with the rule", async () => {
  expect(await iap("init", "My_Charm")).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('Cannot name a charm "My_Charm": it should begin with a letter'),
  });
  writeFileSync(path.join(folder, "notes.txt"), "");
  expect(await iap("init", "--name", "web-k8s")).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('it has "notes.txt", it should be empty'),
  });
});

test("init: says what is there, and what to do next", async () => {
  const { exitCode, stdout } = await iap("init", "web-k8s");
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^web-k8s is in web-k8s: .*charm\.test\.ts.*package\.json/);
  expect(stdout).toContain("  cd web-k8s\n  npm install\n  npm test\n");
});

test("build: a charm without main.ts is told where it should be", async () => {
  rmSync(path.join(charm, "main.ts"));
  const { exitCode, stderr } = await iap("build", charm, path.join(folder, "out"));
  cpSync(path.join(root, "charms", "whoami-k8s", "main.ts"), path.join(charm, "main.ts"));
  expect({ exitCode, stderr }).toEqual({
    exitCode: 1,
    stderr: `Cannot build whoami-k8s: there is no ${charm}/main.ts, it should dispatch the charm as that of iap init does`,
  });
});

test("check and emit: a changed contract, and one that Juju would refuse", async () => {
  expect(await iap("check", charm)).toEqual({ exitCode: 0, stdout: "whoami-k8s: holds", stderr: "" });
  const file = path.join(charm, "contract.ts");
  const before = readFileSync(file, "utf8");

  writeFileSync(file, "// One line more, and then:\nexport const contract = {\n");
  expect(await iap("check", charm)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^Cannot load \/.*\/contract\.ts:2: /),
  });

  writeFileSync(file, before.replace('title: "whoami"', 'title: "Who am I"'));
  const changed = await iap("check", charm);
  expect(changed).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("charmcraft.yaml: it differs"),
  });
  expect((await iap("emit", "--check", charm)).exitCode).toBe(1);
  expect(await iap("emit", charm)).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/charmcraft.yaml written/),
  });
  expect((await iap("emit", "--check", charm)).exitCode).toBe(0);

  writeFileSync(
    file,
    before.replace('name: "whoami-k8s"', 'name: "Whoami"').replace("whoami: {", "Who_Ami: {"),
  );
  const refused = await iap("check", charm);
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toContain('Whoami: charm "Whoami": the name must match');
  expect(refused.stderr).toContain('container "Who_Ami": the name must match');
  expect((await iap("emit", charm)).stderr).toContain("Cannot emit charmcraft.yaml: ");

  writeFileSync(file, before);
  writeFileSync(path.join(charm, "config.yaml"), "options: {}\n");
  expect((await iap("check", charm)).stderr).toContain("config.yaml: charmcraft.yaml has all of it");
});

test.each([["pack"], ["build"]])(
  "%s: an unknown architecture is named, with those there are",
  async (command) => {
    const args = command === "build" ? [charm, path.join(folder, "out")] : [charm];
    expect(await iap(command, ...args, "--build-for", "s390x")).toEqual({
      exitCode: 1,
      stdout: "",
      stderr: 'Cannot pack for "s390x": --build-for should be of amd64, arm64',
    });
  },
);
