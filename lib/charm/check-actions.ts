import type { CharmContract } from "./contract.ts";

/**
 * What Juju would refuse in the schemas of a contract's actions, as `check()` says it of the rest. Apart from that,
 * because schemas take a library to describe.
 */
export async function checkActions(contract: CharmContract): Promise<readonly string[]> {
  const { ActionError, actionEntry, resultSchema } = await import("./action-schema.ts");
  const actions = Object.entries(contract.actions ?? {});
  const described = actions.flatMap(([name, action]) => [
    actionEntry(name, action),
    resultSchema(name, action),
  ]);
  const settled = await Promise.allSettled<unknown>(described);
  return settled.flatMap((each) => {
    if (each.status === "fulfilled") return [];
    if (each.reason instanceof ActionError) return each.reason.faults;
    throw each.reason;
  });
}
