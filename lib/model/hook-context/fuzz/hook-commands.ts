/**
 * Fuzzes the argument parsers of all hook commands.
 *
 * `node lib/model/hook-context/fuzz/hook-commands.ts [--runs N] [--seconds N]`; exits 1 on a fault and
 * prints the seed that shows it.
 */

import { parseArgs } from "node:util";
import fc from "fast-check";
import type { HookWorld } from "../../world.ts";
import { FlushError } from "../errors.ts";
import { faultOf, hostileCalls } from "./hostile.ts";

const { values } = parseArgs({ options: { runs: { type: "string" }, seconds: { type: "string" } } });

const world: HookWorld = {
  model: { name: "m", uuid: "8419cd78-4993-4c3a-928e-c646226beeee", type: "iaas" },
  unit: "web/0",
  leader: true,
  config: { name: "hello", port: 8080, unset: null },
  relations: [
    {
      id: 1,
      key: "web:db postgresql:database",
      endpoint: "db",
      role: "requirer",
      interface: "pgsql",
      "remote-app": "postgresql",
      members: ["postgresql/0"],
      data: { web: {}, "web/0": { a: "1" }, postgresql: { x: "y" }, "postgresql/0": {} },
    },
  ],
  action: { name: "backup", id: "2", params: { target: "s3", nested: { a: { b: 1 } } } },
  networks: { db: { "ingress-addresses": ["10.0.0.1"] } },
  storage: [{ id: "data/0", kind: "filesystem", location: "/srv" }],
  ports: { "web/0": { "": ["80/tcp"] } },
  secrets: [
    {
      id: "9m4e2mr0ui3e8a215n4g",
      owner: "application-web",
      label: "l",
      revision: 1,
      content: { "1": { abc: "eA==" } },
    },
  ],
};

const property = fc.property(hostileCalls, fc.nat(2), (calls, version) => {
  try {
    const fault = faultOf(world, calls, version);
    if (fault !== undefined) throw new Error(fault);
  } catch (error) {
    if (!(error instanceof FlushError)) throw error;
  }
});
const limit = values.seconds === undefined ? {} : { interruptAfterTimeLimit: Number(values.seconds) * 1000 };
const numRuns = Number(values.runs ?? (values.seconds === undefined ? "20000" : "1000000000"));
const details = fc.check(property, { numRuns, ...limit });
console.log(`${details.numRuns} runs, seed ${details.seed}`);
if (details.failed && !details.interrupted) {
  console.error(fc.defaultReportMessage(details));
  process.exitCode = 1;
}
