import { expect, test } from "vitest";
import { reasonOf } from "./provider.ts";

test("reasons are codes, not messages", () => {
  const cause = Object.assign(new Error("secret text"), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
  expect(reasonOf(new TypeError("fetch failed", { cause }))).toBe("DEPTH_ZERO_SELF_SIGNED_CERT");
  expect(reasonOf(new TypeError("secret text"))).toBe("TypeError");
  expect(reasonOf("text")).toBe("unknown");
  const circle: { code: string; cause?: unknown } = { code: "A" };
  circle.cause = circle;
  expect(reasonOf(circle)).toBe("A");
});
