import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { active, blocked, type CharmProgram } from "charmed-iap/charm";
import { transition } from "charmed-iap/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { emit } from "../emit/emitted-files.ts";
import { InitError, init } from "./init.ts";

let outside: string;
let inside: string;

beforeAll(() => {
  outside = mkdtempSync(path.join(tmpdir(), "init-"));
  const dist = path.resolve(import.meta.dirname, "../../dist");
  mkdirSync(dist, { recursive: true });
  inside = mkdtempSync(path.join(dist, "init-"));
});
afterAll(() => {
  for (const folder of [outside, inside]) rmSync(folder, { recursive: true });
});

const CHARM = [
  "README.md REFERENCE.md charm.test.ts charm.ts charmcraft.yaml contract.ts main.ts",
  "terraform/main.tf terraform/outputs.tf terraform/variables.tf terraform/versions.tf workload.ts",
].flatMap((line) => line.split(" "));

test("in a checkout it is one charm more, which works and whose emitted files hold", async () => {
  const folder = path.join(inside, "demo-k8s");
  expect(await init({ folder })).toEqual({ name: "demo-k8s", files: CHARM, leftOut: [], isPackage: false });
  const { default: charm } = (await import(path.join(folder, "charm.ts"))) as { default: CharmProgram };
  const { status } = await transition(charm, "config-changed", { leader: true });
  expect(status).toEqual(active());
  expect(await emit(folder, { check: true })).toEqual([]);
});

test("a charm that exists gives its contract and name; what is missing is said, actions fail until they are written", async () => {
  const old = mkdtempSync(path.join(outside, "old-"));
  writeFileSync(
    path.join(old, "charmcraft.yaml"),
    `type: charm
name: old-k8s
summary: An old charm.
requires: { database: { interface: postgresql_client, limit: 1 } }
peers: { cluster: { interface: cluster } }
actions: { back-up: { description: Back up. } }
parts: { charm: { plugin: charm } }
`,
  );
  const folder = path.join(inside, "new-k8s");
  const begun = await init({ folder, adopt: old });
  expect(begun).toEqual({
    name: "old-k8s",
    files: CHARM.filter((file) => file !== "workload.ts"),
    leftOut: ["parts charm: they build a charm in Python"],
    isPackage: false,
  });
  const { default: charm } = (await import(path.join(folder, "charm.ts"))) as { default: CharmProgram };
  const { status } = await transition(charm, "start", { leader: true });
  expect(status).toEqual(blocked("database: relation required"));
  const { action } = await transition(charm, { action: "back-up" } as never);
  expect(action?.failure).toBe("back-up is not written yet");
  expect(await emit(folder, { check: true })).toEqual([]);
});

test("an adopted charm without endpoints and actions is active; it is not named twice", async () => {
  const old = mkdtempSync(path.join(outside, "bare-"));
  writeFileSync(path.join(old, "charmcraft.yaml"), "{ type: charm, name: bare, summary: Bare. }");
  const folder = path.join(inside, "bare");
  await expect(init({ folder, adopt: old, name: "other" })).rejects.toThrow("it is adopted with its name");
  await init({ folder, adopt: old });
  const { default: charm } = (await import(path.join(folder, "charm.ts"))) as { default: CharmProgram };
  expect((await transition(charm, "start")).status).toEqual(active());
});

test("elsewhere it is a package of its own, before anything is installed", async () => {
  const folder = path.join(outside, "web");
  mkdirSync(path.join(folder, ".git"), { recursive: true });
  const begun = await init({ folder, name: "my-web-k8s", licence: "mit", framework: "file:../x.tgz" });
  expect(begun).toEqual({
    name: "my-web-k8s",
    files: [...CHARM, ".gitignore", "LICENSE", "package.json", "tsconfig.json"].sort(),
    leftOut: [],
    isPackage: true,
  });
  const read = (name: string) => readFileSync(path.join(folder, name), "utf8");
  expect(JSON.parse(read("package.json"))).toMatchObject({
    name: "my-web-k8s",
    license: "MIT",
    type: "module",
    dependencies: { "charmed-iap": "file:../x.tgz" },
    devDependencies: { vitest: expect.stringMatching(/^\d/), typescript: expect.stringMatching(/^\d/) },
  });
  expect(read("LICENSE")).toContain("MIT License");
  expect(read("contract.ts")).toContain('name: "my-web-k8s"');
  expect(read("charmcraft.yaml")).toContain("name: my-web-k8s\n");
});

test.each([
  ["Apache-2.0", "Apache-2.0", "Apache License"],
  [undefined, "Apache-2.0", "Apache License"],
  ["none", "UNLICENSED", undefined],
])("the licence %s stands in package.json, and its text beside it", async (licence, said, text) => {
  const folder = mkdtempSync(path.join(outside, "charm-"));
  await init({ folder, name: "x", ...(licence === undefined ? {} : { licence }) });
  const { license } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8")) as {
    license: string;
  };
  expect(license).toBe(said);
  const papers = readdirSync(folder).filter((name) => name === "LICENSE");
  expect(papers).toHaveLength(text === undefined ? 0 : 1);
  if (text !== undefined) expect(readFileSync(path.join(folder, "LICENSE"), "utf8")).toContain(text);
});

test.each(["My_Charm", "web-2", "2web", "web-", "", "../x"])(
  "the name %j is refused with Juju's rule",
  async (name) => {
    const refused = init({ folder: path.join(outside, "named"), name });
    await expect(refused).rejects.toThrow(InitError);
    await expect(refused).rejects.toThrow(`Cannot name a charm "${name}": it should begin with a letter`);
  },
);

test("a folder with files is left as it is", async () => {
  const folder = mkdtempSync(path.join(outside, "full-"));
  writeFileSync(path.join(folder, "notes.txt"), "mine");
  await expect(init({ folder, name: "x" })).rejects.toThrow('it has "notes.txt", it should be empty');
  expect(readdirSync(folder)).toEqual(["notes.txt"]);
  await expect(init({ folder: path.join(folder, "notes.txt"), name: "x" })).rejects.toThrow("it is a file");
});

test("an unknown licence is refused before anything is written", async () => {
  const folder = path.join(outside, "unlicensed");
  await expect(init({ folder, licence: "GPL" })).rejects.toThrow("it should be one of Apache-2.0, MIT, none");
  expect(readdirSync(outside)).not.toContain("unlicensed");
});
