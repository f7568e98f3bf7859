/** The first files of a charm whose contract comes from one that exists. */

import { key, print } from "../adopt/code.ts";
import type { Adopted } from "../adopt/contract-code.ts";
import { MAIN, readme } from "./charm-files.ts";

/** Name → text of the files that are the charm. Its status says what is missing, and that is tested; the rest is to be written. */
export function adoptedFiles(adopted: Adopted): Readonly<Record<string, string>> {
  return {
    "contract.ts": adopted.source,
    "charm.ts": charm(adopted),
    "main.ts": MAIN,
    "charm.test.ts": TEST,
    "README.md": readme(
      adopted.name,
      `${adopted.summary}\n\n\`npx iap pack\` makes ${adopted.name}_amd64.charm.`,
    ),
  };
}

function charm({ endpoints, actions }: Adopted): string {
  const imported = endpoints.length === 0 ? "active" : "active, worst";
  const reconcile = endpoints.length === 0 ? RECONCILE : RECONCILE_RELATIONS;
  const handlers = actions.map(
    (name) =>
      `    ${key(name)}: (_context, _params, { fail }) => fail(${print(`${name} is not written yet`)}),\n`,
  );
  const offered = handlers.length === 0 ? "" : `  actions: {\n${handlers.join("")}  },\n`;
  return `import { ${imported} } from "charmed-iap/charm";
import { contract } from "./contract.ts";

export default contract.implement({
  /** Runs after every event, and is not told which: reads what is, writes what should be, says how that went. */
${reconcile}${offered}});
`;
}

const RECONCILE = `  reconcile() {
    return active();
  },
`;

const RECONCILE_RELATIONS = `  reconcile({ relations }) {
    // Publish what the others need, make the plan of the workload; what is missing is said already.
    return worst([...Object.values(relations).map(({ status }) => status), active()]);
  },
`;

const TEST = `import { check } from "charmed-iap/charm";
import { contractTests } from "charmed-iap/testing/vitest";
import { expect, test } from "vitest";
import charm from "./charm.ts";
import { contract } from "./contract.ts";

test("Juju takes the contract", () => {
  expect(check(contract.contract)).toEqual([]);
});

// Whatever the other side of each endpoint says, or does not say.
contractTests(charm);
`;
