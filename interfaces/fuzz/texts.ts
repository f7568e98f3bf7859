/**
 * Fuzzes the parsers of texts inside databags: configurations, PEM, requests, certificates.
 *
 * Usage: `node interfaces/fuzz/texts.ts [--runs N] [--seconds N] [--seed N]`; exits with 1 on a fault.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import * as fc from "fast-check";
import { unxz, XzFault } from "../grafana_dashboard/v0/unxz.ts";
import { pemBlocks } from "../pem.ts";
import { readCertificate, readRequest } from "../tls-certificates/v1/index.ts";
import { hostName, parseConfig, parseStatic } from "../traefik_route/v0/index.ts";

const { values } = parseArgs({
  options: { runs: { type: "string" }, seconds: { type: "string" }, seed: { type: "string" } },
});
const seed = Number(values.seed ?? Date.now() % 2 ** 31);

const recorded = readFileSync(
  new URL("../../test/golden/databags/tls-certificates.json", import.meta.url),
  "utf8",
)
  .replaceAll("\\\\n", "\n")
  .replaceAll("\\n", "\n");
const pems = [
  ...new Set([...pemBlocks(recorded, "CERTIFICATE"), ...pemBlocks(recorded, "CERTIFICATE REQUEST")]),
].slice(0, 40);

/** A recorded certificate or request with some of its characters replaced. */
const spoiltPem = fc
  .tuple(
    fc.constantFrom(...pems),
    fc.array(fc.tuple(fc.nat(), fc.constantFrom(..."AZaz09+/=")), { maxLength: 6 }),
  )
  .map(([text, changes]) => {
    const characters = [...text];
    for (const [at, character] of changes) characters[at % characters.length] = character;
    return characters.join("");
  });

const yaml = fc.array(
  fc.oneof(
    fc.constantFrom(
      "http:",
      "  routers:",
      "    a: &x",
      "- *x",
      "<<: *x",
      "? [a]",
      "!!binary AAAA",
      "!!set {a}",
      "--- ",
      "{",
      "}",
      '"',
      "|",
      "on: yes",
      "1:2:3",
      "2001-01-01",
    ),
    fc.string({ unit: "binary", maxLength: 20 }),
  ),
  { maxLength: 12 },
);

const recordedXz = [
  ...readFileSync(
    new URL("../../test/golden/databags/grafana_dashboard.json", import.meta.url),
    "utf8",
  ).matchAll(/\/Td6WFo[\w+/]+=*/g),
].map(([text]) => text);

/** A recorded container with some of its bytes replaced, as text in base64. */
const spoiltXz = fc
  .tuple(fc.constantFrom(...recordedXz), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }))
  .map(([text, changes]) => {
    const bytes = Buffer.from(text, "base64");
    for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
    return bytes.toString("base64");
  });

function open(text: string): void {
  try {
    unxz(Buffer.from(text, "base64"), { left: 2 ** 24 });
  } catch (error) {
    if (!(error instanceof XzFault)) throw error;
  }
}

const parsers: readonly [string, (text: string) => unknown, fc.Arbitrary<string>][] = [
  ["parseConfig", parseConfig, yaml.map((lines) => lines.join("\n"))],
  [
    "parseStatic",
    parseStatic,
    fc.oneof(
      fc.json(),
      yaml.map((lines) => lines.join(" ")),
    ),
  ],
  ["readCertificate", readCertificate, fc.oneof(spoiltPem, fc.string({ unit: "binary" }))],
  ["readRequest", readRequest, fc.oneof(spoiltPem, fc.string({ unit: "binary" }))],
  ["unxz", open, fc.oneof(spoiltXz, fc.base64String())],
  ["hostName", hostName, fc.string({ unit: "binary" })],
];

const limit =
  values.seconds === undefined
    ? {}
    : { interruptAfterTimeLimit: (Number(values.seconds) * 1000) / parsers.length };
const numRuns = Number(values.runs ?? (values.seconds === undefined ? 1_000 : 1_000_000_000));
let failed = 0;
for (const [name, parse, text] of parsers) {
  const property = fc.asyncProperty(text, async (given) => {
    await parse(given);
  });
  const result = await fc.check(property, { seed, numRuns, ...limit });
  if (!result.failed || result.counterexample === null) continue;
  failed += 1;
  console.error(`${name}: ${fc.defaultReportMessage(result)}`);
}
console.log(`fuzz texts, seed ${seed}: ${parsers.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
