import { expect, test } from "vitest";
import { compareCli } from "./compare.ts";

test("recorded command lines are answered as Juju answers them", async () => {
  const all = await compareCli(new URL("../../../test/golden/cli", import.meta.url).pathname);
  const supported = all.filter((one) => one.supported);
  const agree = all.filter(({ difference }) => difference === undefined);
  console.log(`golden/cli: ${agree.length} of ${all.length} agree`);
  console.log(
    `golden/cli, commands of the local model: ${agree.filter((one) => one.supported).length} of ${supported.length} agree`,
  );
  console.log(`excused by the table of deviations: ${all.filter(({ excused }) => excused).length}`);
  expect(
    supported.filter(({ difference, excused }) => difference !== undefined && excused === undefined),
  ).toEqual([]);
});
