import fc from "fast-check";
import { expect, test } from "vitest";
import type { Service } from "../plan/types.ts";
import { backOffLimitMs, nextBackOffMs } from "./back-off.ts";

function waits(service: Service, count: number): number[] {
  const found: number[] = [];
  for (let at = 0; at < count; at++) found.push(nextBackOffMs(service, found.at(-1) ?? 0));
  return found;
}

test.each<[Service, number[]]>([
  [{}, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]],
  [{ "backoff-delay": "1s", "backoff-factor": 3, "backoff-limit": "5s" }, [1000, 3000, 5000, 5000]],
  [{ "backoff-delay": "10s", "backoff-limit": "1s" }, [10_000, 1000, 1000]],
  [{ "backoff-factor": 1 }, [500, 500, 500]],
])("nextBackOffMs() of %j", (service, expected) => {
  expect(waits(service, expected.length)).toEqual(expected);
});

test("nextBackOffMs() never shrinks, nor passes the limit after the first", () => {
  const millis = fc.integer({ min: 1, max: 100_000 });
  fc.assert(
    fc.property(millis, fc.double({ min: 1, max: 10, noNaN: true }), millis, (delay, factor, more) => {
      const service = {
        "backoff-delay": `${delay}ms`,
        "backoff-factor": factor,
        "backoff-limit": `${delay + more}ms`,
      };
      const found = waits(service, 20);
      expect(found).toEqual(found.toSorted((a, b) => a - b));
      expect(Math.max(...found)).toBeLessThanOrEqual(backOffLimitMs(service));
    }),
  );
});
