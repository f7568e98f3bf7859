/** An application for the reverse-proxy workloads: `/app/<bytes>` is that long. `node application.ts PORT`. */
import { createServer } from "node:http";

const bodies = new Map<string, Buffer>();

/** A body of so many bytes, made once. */
function bodyOf(url: string): Buffer {
  const known = bodies.get(url);
  if (known !== undefined) return known;
  const body = Buffer.alloc(Math.min(Number(/\d+$/.exec(url)?.[0] ?? 0), 1_048_576), "x");
  bodies.set(url, body);
  return body;
}

const server = createServer({ noDelay: true, keepAliveTimeout: 120_000 }, ({ url = "" }, response) => {
  const body = bodyOf(url);
  response.writeHead(200, [
    "Content-Type",
    "application/octet-stream",
    "Content-Length",
    String(body.length),
  ]);
  response.end(body);
});
server.listen(Number(process.argv[2]), "127.0.0.1");
