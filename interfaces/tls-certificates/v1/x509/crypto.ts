/** Node.js's cryptography, loaded when a key is made or read, and not before: it costs start-up time. */
export const crypto = (): typeof import("node:crypto") => process.getBuiltinModule("node:crypto");
