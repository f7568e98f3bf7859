/**
 * Times in which models of nine applications settle, in a process of its own: what else has run in one changes what the
 * compiler makes of it. Prints JSON: the first of all, and some thirty after those that the compiler needs, in milliseconds.
 *
 * @module
 */

import { identityPlatform } from "../../../test/model/identity-platform.ts";

/** What a settling process prints. */
export interface Settling {
  readonly cold: number;
  readonly warm: readonly number[];
}

/** Models that settle before one counts: what a model runs is so much code that the compiler needs these. */
const WARM_UP = 150;
const COUNT = 30;

const times: number[] = [];
for (let index = 0; index < 1 + WARM_UP + COUNT; index += 1) {
  const start = performance.now();
  await identityPlatform({ seed: (index % WARM_UP) + 1 }).settle();
  times.push(performance.now() - start);
}
console.log(JSON.stringify({ cold: times[0]!, warm: times.slice(-COUNT) } satisfies Settling));
