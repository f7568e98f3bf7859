/** A server that decides nothing: 202 and three headers for whatever is asked. What `node:http` itself can do. */
import { createServer } from "node:http";

const HEADERS = [
  "Gap-Auth",
  "user-0000001@example.com",
  "X-Auth-Request-User",
  "0190c0de-0000-7000-8000-000000000001",
  "X-Auth-Request-Email",
  "user-0000001@example.com",
  "Content-Length",
  "0",
];
const port = Number(
  process.argv
    .find((text) => text.startsWith("--http-address="))
    ?.split(":")
    .pop(),
);
const server = createServer({ noDelay: true, keepAliveTimeout: 120_000 }, (request, response) => {
  response.writeHead(request.url === "/ready" ? 200 : 202, HEADERS);
  response.end();
});
server.listen(port, "127.0.0.1");
process.once("SIGTERM", () => process.exit(0));
