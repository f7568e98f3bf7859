import assert from "node:assert/strict";
import { MOST_UNPACKED, packLz4, unpackLz4 } from "../session/lz4.ts";
import { mutated } from "./mutate.ts";
import { fuzz } from "./run.ts";

const CONTENT = Buffer.from(`{"groups":[${'"group-a-1","group-a-2",'.repeat(20)}]}`);
const frames = [packLz4(CONTENT), packLz4(Buffer.alloc(0)), packLz4(Buffer.alloc(70_000, "ab"))].map((each) =>
  Buffer.from(each),
);

fuzz(
  (random) => mutated(random, frames[Math.floor(random() * frames.length)] ?? Buffer.alloc(0)),
  (input) => {
    const bytes = Buffer.from(input, "latin1");
    const content = unpackLz4(bytes);
    assert((content?.length ?? 0) <= MOST_UNPACKED, "more than may be unpacked");
    const own = Buffer.from(unpackLz4(packLz4(bytes)) ?? []);
    assert(own.equals(bytes), "what was packed does not come back");
  },
);
