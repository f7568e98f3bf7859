import { expect, test } from "vitest";
import { traceId } from "./trace.ts";

const ID = "0af7651916cd43dd8448eb211c80319c";

test.each([
  [`00-${ID}-b7ad6b7169203331-01`, ID],
  [`cc-${ID}-b7ad6b7169203331-01-what-the-future-will-be-like`, ID],
  [`00-${ID.toUpperCase()}-b7ad6b7169203331-01`, undefined],
  [`ff-${ID}-b7ad6b7169203331-01`, undefined],
  [`00-${"0".repeat(32)}-b7ad6b7169203331-01`, undefined],
  [`00-${ID}-${"0".repeat(16)}-01`, undefined],
  [`00-${ID}-b7ad6b7169203331-01x`, undefined],
  [`x00-${ID}-b7ad6b7169203331-01`, undefined],
  ["", undefined],
  [undefined, undefined],
])("%s", (header, id) => {
  expect(traceId(header)).toBe(id);
});
