import { defineConfig } from "vitest/config";
import base from "../../vitest.config.ts";

/** `npm run test:tutorials`: whole stories on the local model, one after the other. */
export default defineConfig({
  ...base,
  root: new URL("../..", import.meta.url).pathname,
  test: {
    ...base.test,
    include: ["test/tutorials/**/*.tutorial.test.ts"],
    exclude: ["**/node_modules/**"],
    fileParallelism: false,
    isolate: true,
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
});
