import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { emit, emittedFiles } from "./emitted-files.ts";

const root = path.resolve(import.meta.dirname, "../..");
let folder: string;
let files: Readonly<Record<string, string>>;

const CONTRACT = `
import { action, defineCharm, option } from "charmed-iap/charm";
import { definePeerInterface } from "charmed-iap/interface";
import { ingress } from "charmed-iap/interfaces/ingress/v2";
import * as v from "valibot";

const peers = definePeerInterface({ name: "demo_peers" });

export const contract = defineCharm({
  name: "demo-k8s",
  title: "Demo",
  summary: "A demo.",
  config: {
    level: option.oneOf(["low", "a|b"], { default: "low", description: "How | much." }),
    secret: option.secret({ description: "A secret." }),
    empty: option.string({ default: "", description: "Nothing yet." }),
  },
  requires: { "my-ingress": ingress.requirer({ limit: 1, description: "The <route>." }) },
  peers: { demo: peers.peer() },
  containers: { demo: { image: "demo-image", upstreamSource: "demo:1", mounts: { data: "/data" } } },
  storage: { data: { type: "filesystem", minimumSize: "1G", location: "/srv" } },
  actions: {
    backup: action({
      description: "Back up.",
      params: v.object({
        to: v.pipe(v.string(), v.description("Where to.")),
        kind: v.optional(v.picklist(["full", "part"]), "full"),
        tags: v.optional(v.array(v.string())),
      }),
      results: v.object({
        file: v.pipe(v.string(), v.description("Where it is.")),
        size: v.object({ bytes: v.number() }),
        parts: v.optional(v.array(v.string())),
      }),
    }),
  },
  assumes: ["juju >= 3.6"],
});
`;
const CHARM = `
import { active } from "charmed-iap/charm";
import { contract } from "./contract.ts";

export default contract.implement({
  reconcile: () => active(),
  on: { "demo-pebble-ready": () => {}, "upgrade-charm": () => {} },
  actions: { backup: () => ({ file: "x", size: { bytes: 1 } }) },
});
`;

beforeAll(async () => {
  mkdirSync(path.join(root, "dist"), { recursive: true });
  // Inside the package, so that the contract can import it by its name.
  folder = mkdtempSync(path.join(root, "dist", "emit-"));
  writeFileSync(path.join(folder, "contract.ts"), CONTRACT);
  writeFileSync(path.join(folder, "charm.ts"), CHARM);
  files = await emittedFiles(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

test("emit() writes what differs, and only compares when it checks", async () => {
  const all = Object.keys(files);
  expect(await emit(folder, { check: true })).toEqual(all);
  expect(await emit(folder)).toEqual(all);
  expect(await emit(folder, { check: true })).toEqual([]);
  writeFileSync(path.join(folder, "terraform", "main.tf"), "changed");
  expect(await emit(folder)).toEqual(["terraform/main.tf"]);
  expect(readFileSync(path.join(folder, "terraform", "main.tf"), "utf8")).toBe(files["terraform/main.tf"]);
});

test("the reference names all that an operator can set, relate, attach, run", () => {
  const lines = (files["REFERENCE.md"] ?? "").split("\n").map((line) => line.replace(/ +/g, " "));
  expect(lines).toEqual(
    expect.arrayContaining([
      "Needs `juju >= 3.6`; runs on `ubuntu@24.04`.",
      "| `level` | string | `low` | How \\| much. One of: low, a\\|b. |",
      "| `secret` | secret | | A secret. |",
      '| `empty` | string | `""` | Nothing yet. |',
      "| `my-ingress` | requires (must be related) | `ingress` | 1 | The \\<route>. |",
      "| `demo` | peers | `demo_peers` | | |",
      "| `demo` | `demo-image` | `data` at `/data` |",
      "| `demo-image` | oci-image | `demo:1` |",
      "| `data` | filesystem | 1 | 1G | `/srv` |",
      "### `backup`",
      "| `to` | string | yes | | Where to. |",
      "| `kind` | `full`, `part` | | `full` | |",
      "| `tags` | list of string | | | |",
      "| Result | Type | Always | Description |",
      "| `file` | string | yes | Where it is. |",
      "| `size.bytes` | number | yes | |",
      "| `parts` | list of string | | |",
    ]),
  );
  expect(files["REFERENCE.md"]).toContain(
    "handler of their own before that: `demo-pebble-ready`, `upgrade-charm`.",
  );
});

test("the Terraform module has an input for each thing that can be given, and outputs to relate", () => {
  const names = [...(files["terraform/variables.tf"] ?? "").matchAll(/^variable "(\w+)"/gm)].map(
    ([, name]) => name,
  );
  expect(names).toEqual(
    "app_name base channel config constraints model model_uuid resources revision storage_directives trust units".split(
      " ",
    ),
  );
  expect(files["terraform/main.tf"]).toContain('name     = "demo-k8s"');
  expect(files["terraform/outputs.tf"]).toContain(`  value = {
    my-ingress = "my-ingress"
    my_ingress = "my-ingress"
  }`);
});

test("a subordinate has no units of its own, and what a charm has not is no input", async () => {
  const bare = mkdtempSync(path.join(folder, "bare-"));
  writeFileSync(
    path.join(bare, "contract.ts"),
    CONTRACT.slice(0, CONTRACT.indexOf("export")) +
      'export const contract = defineCharm({ name: "bare", summary: "x", description: "One line.\\n", subordinate: true, requires: { host: ingress.requirer({ scope: "container" }) }, assumes: ["k8s-api", { "any-of": ["juju >= 3.6", { "all-of": ["juju >= 3.1", "juju < 3.3"] }] }], extra: { platforms: { "ubuntu@22.04:amd64": null, "ubuntu@26.04:arm64": null } } });',
  );
  const { "terraform/variables.tf": variables = "", "REFERENCE.md": text } = await emittedFiles(bare);
  expect([...variables.matchAll(/^variable "(\w+)"/gm)].map(([, name]) => name)).toEqual(
    "app_name base channel constraints model model_uuid revision".split(" "),
  );
  expect(variables).toContain('default     = "ubuntu@22.04"');
  expect(text).not.toContain("## Events");
  expect(text).toContain(
    "One line.\n\nNeeds `k8s-api`, `juju >= 3.6` or (`juju >= 3.1` and `juju < 3.3`); runs on `ubuntu@22.04`, `ubuntu@26.04`.",
  );
});
