import { defineConfig } from "vitest/config";

/** `npm test` runs the unit project; the slower suites are started by their own scripts. */
export default defineConfig({
  ssr: { resolve: { conditions: ["charmed-iap:source", "node", "import", "default"] } },
  resolve: { conditions: ["charmed-iap:source", "node", "import", "default"] },
  test: {
    include: ["{charms,lib,interfaces,workload,charmcraft}/**/*.test.ts", "test/model/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/*.peers.test.ts", "dist/**"],
    pool: "threads",
    testTimeout: 20_000,
  },
});
