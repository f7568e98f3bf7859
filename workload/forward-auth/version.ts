/** Version of the program; the charm reads it from `--version` as the workload's. */
export const VERSION = "v0.1.0";
