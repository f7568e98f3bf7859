/**
 * Fuzzes what the local model reads from others: control requests, Kubernetes paths and objects, archives.
 * None may throw anything but its own refusal, and no archive may write outside its folder.
 *
 * Usage: `node fuzz/local.ts [--runs N] [--seconds N]`; exits 1 on a fault, with the seed.
 *
 * @module
 */

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import fc from "fast-check";
import { unpackCharm } from "../charm-store/unpack.ts";
import { parseRequest } from "../control/protocol.ts";
import { isLocalError } from "../errors.ts";
import { ApiStatus } from "../kubernetes-api/errors.ts";
import { isObject, type Json, merge, strategicMerge } from "../kubernetes-api/merge.ts";
import { route } from "../kubernetes-api/route.ts";
import { gatewayRequest, serviceView } from "../kubernetes-api/service-view.ts";
import { writeZip } from "../testdata/write-zip.ts";

const { values } = parseArgs({ options: { runs: { type: "string" }, seconds: { type: "string" } } });
const numRuns = Number(values.runs ?? 2_000);
const until = values.seconds === undefined ? 0 : Date.now() + Number(values.seconds) * 1000;

function requests(): fc.IProperty<[string]> {
  return fc.property(fc.oneof(fc.string(), fc.json()), (line) => void parseRequest(line));
}

function paths() {
  const part = fc.constantFrom(
    "api",
    "apis",
    "v1",
    "namespaces",
    "services",
    "iam",
    "..",
    "%",
    "%2e",
    "apps",
    "",
  );
  const start = fc.constantFrom("", "/api/v1/namespaces", "/apis/apps/v1/namespaces");
  const rest = fc.array(part, { maxLength: 5 }).map((parts) => `/${parts.join("/")}`);
  const path = fc.tuple(start, rest).map((both) => both.join(""));
  return fc.property(fc.constantFrom("GET", "POST", "PATCH", "X"), path, (method, text) => {
    try {
      route(method, text);
    } catch (error) {
      if (!(error instanceof ApiStatus)) throw error;
    }
  });
}

function objects() {
  return fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
    const merged = strategicMerge(merge({}, a as Json), b as Json);
    if (!isObject(merged)) return;
    gatewayRequest("iam", "x", merged);
    serviceView(merged, { namespace: "iam" });
  });
}

function archives() {
  const name = fc.array(fc.constantFrom("..", ".", "a", "b", "", "dispatch"), { minLength: 1, maxLength: 4 });
  const entry = fc.record({
    name: name.map((parts) => parts.join("/")),
    data: fc.oneof(
      fc.string(),
      name.map((parts) => parts.join("/")),
    ),
    mode: fc.constantFrom(0o100644, 0o100755, 0o120777, 0o040755, 0),
  });
  return fc.asyncProperty(
    fc.array(entry, { maxLength: 4 }),
    fc.uint8Array({ maxLength: 4 }),
    async (entries, noise) => {
      const folder = mkdtempSync(join(tmpdir(), "iap-fuzz-"));
      try {
        const archive = join(folder, "x.charm");
        if (noise.length > 2) writeFileSync(archive, noise);
        else writeZip(archive, entries);
        await unpackCharm(archive, join(folder, "in", "out")).catch((error: unknown) => {
          if (!isLocalError(error) && !(error instanceof Error)) throw error;
        });
        const outside = readdirSync(folder).filter((found) => found !== "x.charm" && found !== "in");
        if (outside.length > 0)
          throw new Error(`Cannot contain the archive: ${outside.join()} was written outside`);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  );
}

async function check(name: string, property: fc.IRawProperty<unknown>, runs: number): Promise<boolean> {
  const result = await fc.check(property as fc.IAsyncProperty<unknown>, { numRuns: runs });
  if (!result.failed) return true;
  console.error(`${name}: seed ${result.seed}, path ${result.counterexamplePath}`);
  console.error(JSON.stringify(result.counterexample), result.errorInstance);
  return false;
}

let rounds = 0;
do {
  rounds += 1;
  const results = [
    await check("requests", requests() as fc.IRawProperty<unknown>, numRuns),
    await check("paths", paths() as fc.IRawProperty<unknown>, numRuns),
    await check("objects", objects() as fc.IRawProperty<unknown>, numRuns),
    await check("archives", archives() as fc.IRawProperty<unknown>, Math.ceil(numRuns / 10)),
  ];
  if (results.includes(false)) process.exit(1);
} while (Date.now() < until);
console.log(`local: ${rounds} rounds of ${numRuns} runs without a fault`);
