import { defineConfig } from "vitest/config";
import base from "../../vitest.config.ts";

/** The tests of the pages' examples, as `examples.test.ts` wrote them. */
export default defineConfig({
  ...base,
  root: new URL("../../.cache/docs", import.meta.url).pathname,
  test: { ...base.test, include: ["**/*.test.ts"], exclude: [], setupFiles: [] },
});
