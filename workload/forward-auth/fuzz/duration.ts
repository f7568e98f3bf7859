import assert from "node:assert/strict";
import { formatDuration, parseDuration } from "../options/duration.ts";
import { fuzz, hostileText } from "./run.ts";

const PIECES = [
  "1",
  "30",
  ".",
  ".5",
  "h",
  "m",
  "s",
  "ms",
  "us",
  "µs",
  "ns",
  "-",
  "+",
  "0",
  "9999999999",
  " ",
  "e",
];

fuzz(
  (random) => hostileText(random, PIECES, 8),
  (input) => {
    const duration = parseDuration(input);
    if (duration === undefined) return;
    assert(Number.isFinite(duration), "not finite");
    const again = parseDuration(formatDuration(duration));
    assert(again !== undefined, `cannot read ${formatDuration(duration)}`);
    assert(Math.abs(again - duration) <= Math.abs(duration) * 1e-9 + 1e-6, `${again} is not ${duration}`);
  },
);
