/**
 * Fuzzes the readers of a charm's files, of option values and of action parameters.
 *
 * `node lib/model/fuzz/charm-files.ts [--runs N] [--seconds N]`; exits 1 on a fault and prints what shows it.
 */

import { parseArgs } from "node:util";
import fc from "fast-check";
import { type CharmMetadata, parseCharm } from "../charm-metadata.ts";
import { paramFaults, withDefaults } from "../charm-params.ts";
import { isModelError } from "../errors.ts";
import { checkedConfig, keptConfig } from "../options.ts";

const { values } = parseArgs({ options: { runs: { type: "string" }, seconds: { type: "string" } } });

const word = fc.constantFrom(
  "type",
  "interface",
  "limit",
  "scope",
  "default",
  "params",
  "required",
  "range",
  "x",
  "int",
);
const tree = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(
      "string",
      "int",
      "boolean",
      "float",
      "secret",
      "filesystem",
      "oci-image",
      "object",
      "(",
      "1-2",
    ),
    fc.jsonValue({ maxDepth: 1 }),
    fc.array(tie("node"), { maxLength: 3 }),
    fc.dictionary(fc.oneof(word, fc.string()), tie("node"), { maxKeys: 4 }),
  ),
})).node;
const section = fc.constantFrom(
  "provides",
  "requires",
  "peers",
  "containers",
  "resources",
  "storage",
  "config",
  "actions",
);
const metadata = fc.dictionary(section, tree, { maxKeys: 4 });

/** Uses what was read, as the engine does. */
function use(charm: CharmMetadata, params: unknown): void {
  keptConfig(charm.options, { x: "1", int: 1 });
  checkedConfig(charm.options, params as Record<string, unknown>);
  for (const { schema } of Object.values(charm.actions)) {
    paramFaults(schema, withDefaults(schema, params as Record<string, unknown>), true);
  }
}

const property = fc.property(metadata, fc.dictionary(word, fc.jsonValue()), (files, params) => {
  try {
    use(parseCharm({ metadata: { name: "web", summary: "s", description: "d", ...files } }), params);
  } catch (error) {
    if (!isModelError(error)) throw error;
  }
});

const seconds =
  values.seconds === undefined ? {} : { interruptAfterTimeLimit: Number(values.seconds) * 1_000 };
const result = fc.check(property, {
  numRuns: values.runs === undefined ? (values.seconds === undefined ? 10_000 : 1e9) : Number(values.runs),
  ...seconds,
});
if (result.failed && result.counterexample !== null) {
  console.error(
    `fault: ${JSON.stringify(result.counterexample)} (seed ${result.seed})`,
    result.errorInstance,
  );
  process.exit(1);
}
console.log(`${result.numRuns} runs, no fault`);
