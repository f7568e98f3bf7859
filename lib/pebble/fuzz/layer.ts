/**
 * Fuzz target: layer text of any kind is a layer or a `LayerError`, and an accepted one combines, prints and reads
 * back to itself.
 *
 * `node --conditions=charmed-iap:source lib/pebble/fuzz/layer.ts [--runs N | --seconds N] [--seed N]`
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import { LayerError } from "../errors.ts";
import { addLayer } from "../plan/combine.ts";
import { formatPlan, parseLayer, parsePlan } from "../plan/yaml.ts";
import { fuzz, type Random } from "./run.ts";

const KEYS = [
  "override",
  "command",
  "startup",
  "after",
  "requires",
  "environment",
  "user-id",
  "kill-delay",
].concat(
  [
    "backoff-factor",
    "on-failure",
    "http",
    "tcp",
    "exec",
    "port",
    "url",
    "period",
    "threshold",
    "level",
    "type",
  ],
  ["location", "services", "labels", "__proto__", "constructor", "x"],
);
const VALUES = [
  "replace",
  "merge",
  "a 'b' [ c ]",
  "'",
  "5",
  "0",
  "-1",
  "1.5",
  "1s",
  "-1h",
  "~",
  '""',
  "null",
  "true",
].concat([
  "enabled",
  "ready",
  "restart",
  "loki",
  "[a, b]",
  "{a: b}",
  "&x y",
  "*x",
  "!!binary aGk=",
  "|\n  x",
  "{}",
  "[]",
  "0x10",
]);

function layerText(random: Random): string {
  if (random.below(4) === 0) {
    return random.text(
      ["services:", "\n", " ", "  ", "- ", "a", ": ", "{", "}", "[", "]", '"', "'", "&", "*", "!", "#", "\t"],
      40,
    );
  }
  const sections = ["services", "checks", "log-targets"].map((section) => {
    const items = Array.from({ length: random.below(3) }, () => item(random));
    return `${section}:\n${items.join("")}`;
  });
  return sections.join("");
}

function item(random: Random): string {
  const name = random.pick(["a", "b", "pebble", "-x", "__proto__", '""']);
  const lines = [`    override: ${random.pick(["replace", "merge"])}\n`];
  for (let count = random.below(5); count > 0; count--)
    lines.push(`    ${random.pick(KEYS)}: ${random.pick(VALUES)}\n`);
  if (random.below(2) === 0) lines.push("    command: a\n");
  return `  ${name}:\n${lines.join("")}`;
}

await fuzz("layer", async (random) => {
  try {
    const first = addLayer([], await parseLayer("l", layerText(random)), { combine: true });
    const { plan } = addLayer(first.layers, await parseLayer("l", layerText(random)), { combine: true });
    const printed = await formatPlan(plan);
    const again = await parsePlan(printed);
    if (!isDeepStrictEqual(await formatPlan(again), printed)) throw new Error(`not the same:\n${printed}`);
  } catch (error) {
    if (!(error instanceof LayerError)) throw error;
  }
});
