import { defineConfig } from "vitest/config";
import base from "../../vitest.config.ts";
import { packedHooks } from "./plugin.ts";

/** The suites of the charms, and models of several, with every hook of a charm of this project run as it is packed. */
export default defineConfig({
  ...base,
  root: new URL("../..", import.meta.url).pathname,
  plugins: [packedHooks()],
  test: {
    ...base.test,
    name: "packed",
    isolate: true,
    include: [
      "test/packed/**/*.test.ts",
      "charms/**/*.test.ts",
      "test/model/identity-platform.model.test.ts",
    ],
    exclude: ["**/node_modules/**"],
    // Every hook is a process.
    maxWorkers: "100%",
    globalSetup: ["test/packed/pack-all.ts"],
    testTimeout: 900_000,
    hookTimeout: 900_000,
  },
});
