/**
 * Hands bytes on between a port and another, answers a millisecond later: a server that is not on the same machine.
 *
 * Usage: `node delay.ts PORT TARGET`
 */
import { connect, createServer } from "node:net";

const [, , port = "", target = ""] = process.argv;

createServer({ noDelay: true }, (client) => {
  const server = connect({ port: Number(target), host: "127.0.0.1", noDelay: true });
  client.on("data", (bytes) => server.write(bytes));
  server.on("data", (bytes) => void setTimeout(() => client.writable && client.write(bytes), 1));
  for (const [one, other] of [
    [client, server],
    [server, client],
  ] as const)
    one.on("close", () => other.destroy()).on("error", () => other.destroy());
}).listen(Number(port), "127.0.0.1");
