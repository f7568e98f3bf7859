import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** Not `import`: vitest hands these to Node.js, whose `require()` of a package would then get its ES module. */
const conditions = ["charmed-iap:source", "node", "default"];

// Recorded times are printed in this zone, and a thread cannot choose its own.
process.env["TZ"] = "UTC";

/** `npm test` runs the unit project; the slower suites are started by their own scripts. */
export default defineConfig({
  ssr: { resolve: { conditions } },
  resolve: { conditions },
  test: {
    include: ["{charms,lib,interfaces,workload,charmcraft}/**/*.test.ts", "test/{model,replay}/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/*.peers.test.ts", "dist/**"],
    pool: "threads",
    // Half of the time is waiting, so three workers for two cores; the default leaves one core free.
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
    // The files of a worker share its modules: loading them anew for each took a third of the time.
    isolate: false,
    // With CHARMED_IAP_REPORTS=folder: the histories of models whose test failed.
    setupFiles: ["lib/testing/report-failures.ts"],
    // Limits for what hangs, on a machine as busy as may be.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
  },
});
