/**
 * The `juju` command of the local model.
 *
 * @module
 */
import { juju } from "./juju.ts";

const gone = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => gone.abort());
for (const stream of [process.stdout, process.stderr]) {
  // A reader such as `head` may go before we end.
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
}

process.exitCode = await juju(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  signal: gone.signal,
  juju: process.env["CHARMED_IAP_JUJU_VERSION"] || "4.0.15",
  terminal: process.stdout.isTTY === true,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  input: async () => {
    const { text } = await import("node:stream/consumers");
    return text(process.stdin);
  },
  connect: async () => {
    const { connect } = await import("../client.ts");
    return connect();
  },
});
