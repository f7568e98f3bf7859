import { defineConfig } from "vitest/config";
import base from "../../vitest.config.ts";

/** `npm run test:peers`: suites against real programs, which they build or install once. */
export default defineConfig({
  ...base,
  root: new URL("../..", import.meta.url).pathname,
  test: {
    ...base.test,
    include: ["**/*.peers.test.ts"],
    exclude: ["**/node_modules/**", "dist/**"],
    fileParallelism: false,
    isolate: true,
    testTimeout: 120_000,
    hookTimeout: 3_000_000,
  },
});
