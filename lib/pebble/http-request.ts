import type { PebbleRequest } from "./transport.ts";

/**
 * A request as HTTP/1.1 writes it.
 *
 * @throws {TypeError} When the path or a header has characters that would end it.
 * @see RFC 9112
 */
export function requestBytes({ method, path, headers, body }: PebbleRequest): Buffer {
  if (!/^\/[\x21-\x7e]*$/.test(path))
    throw new TypeError(`Cannot ask for ${JSON.stringify(path)}: not a path`);
  const lines = [`${method} ${path} HTTP/1.1`, "host: localhost"];
  for (const [name, value] of Object.entries(headers ?? {})) lines.push(headerLine(name, value));
  if (method !== "GET") lines.push(`content-length: ${body?.byteLength ?? 0}`);
  const head = `${lines.join("\r\n")}\r\n\r\n`;
  const bytes = Buffer.allocUnsafe(head.length + (body?.byteLength ?? 0));
  bytes.write(head, "latin1");
  if (body !== undefined) bytes.set(body, head.length);
  return bytes;
}

function headerLine(name: string, value: string): string {
  if (!/^[\w-]+$/.test(name) || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value))
    throw new TypeError(
      `Cannot send the header ${JSON.stringify(name)}: it has characters that no header has`,
    );
  return `${name}: ${value}`;
}
