/** Raw questions to a decision point, as a gateway asks them. */
import { request } from "node:http";

/** An answer; repeated headers are joined by a line break. */
export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** @param headers Name, value, name, value; sent as they are. */
export function ask(
  port: number,
  path: string,
  headers: readonly string[] = [],
  method = "GET",
  body = "",
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const raw = headers.some((name, index) => index % 2 === 0 && /^host$/i.test(name))
      ? headers
      : ["Host", `127.0.0.1:${port}`, ...headers];
    const outgoing = request({
      host: "127.0.0.1",
      port,
      path,
      method,
      agent: false,
      setHost: false,
      headers: raw as never,
    });
    outgoing.on("error", reject);
    outgoing.on("response", (incoming) => {
      const found = new Map<string, string>();
      for (let index = 0; index + 1 < incoming.rawHeaders.length; index += 2) {
        const name = (incoming.rawHeaders[index] ?? "").toLowerCase();
        const value = incoming.rawHeaders[index + 1] ?? "";
        found.set(name, found.has(name) ? `${found.get(name)}\n${value}` : value);
      }
      let text = "";
      incoming.on("data", (chunk: Buffer) => {
        text += chunk.toString("utf8");
      });
      incoming.on("error", reject);
      incoming.on("end", () => resolve({ status: incoming.statusCode ?? 0, headers: found, body: text }));
    });
    outgoing.end(body);
  });
}

/** The four headers of mode `forwarded`. */
export interface Forwarded {
  readonly method?: string;
  readonly proto?: string;
  readonly host?: string;
  readonly uri?: string;
}

/** Headers as Traefik sends them, for a page of the tests' application unless said otherwise. */
export function forwarded({
  method = "GET",
  proto = "https",
  host = "gw.localhost:8443",
  uri = "/app/x",
}: Forwarded = {}): string[] {
  return [
    "X-Forwarded-Method",
    method,
    "X-Forwarded-Proto",
    proto,
    "X-Forwarded-Host",
    host,
    "X-Forwarded-Uri",
    uri,
  ];
}
