import { connect as connect2 } from "node:http2";
import { connect } from "node:net";
import type { Case } from "./cases.ts";

/** Milliseconds after which no answer is one. */
const PATIENCE = 3000;

/** The request as it goes over the wire. */
function wire({ method, target, host, headers = [], body = "" }: Case, own: string): string {
  const upgrade = headers.some(([name]) => name === "Upgrade");
  const lines = [
    `${method} ${target} HTTP/1.1`,
    `Host: ${host ?? own}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(body === "" ? [] : [`Content-Length: ${body.length}`]),
    ...(upgrade ? [] : ["Connection: close"]),
  ];
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}

/** Sends over HTTP/1.1, byte by byte as the case has it. @returns The status; 0 when there was none. */
function sendRaw(sent: Case, port: number): Promise<number> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const done = (text: string) => {
      resolve(Number(/^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1] ?? 0));
      socket.destroy();
    };
    let text = "";
    socket.setTimeout(PATIENCE, () => done(text));
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      if (text.includes("\r\n\r\n")) done(text);
    });
    socket.on("error", () => done(text));
    socket.on("close", () => done(text));
    socket.write(Buffer.from(wire(sent, `127.0.0.1:${port}`), "latin1"));
  });
}

/** Sends over HTTP/2 without TLS. @returns The status; 0 when the proxy does not take it. */
function sendHttp2({ method, target, headers = [] }: Case, port: number): Promise<number> {
  return new Promise((resolve) => {
    const session = connect2(`http://127.0.0.1:${port}`);
    const done = (status: number) => {
      resolve(status);
      session.destroy();
    };
    session.setTimeout(PATIENCE, () => done(0));
    session.on("error", () => done(0));
    session.on("close", () => done(0));
    const fields = Object.groupBy(headers, ([name]) => name);
    const request = session.request({
      ":method": method,
      ":path": target,
      ":authority": `127.0.0.1:${port}`,
      ...Object.fromEntries(
        Object.entries(fields).map(([name, values = []]) => [name, values.map(([, value]) => value)]),
      ),
    });
    request.on("response", (head) => done(Number(head[":status"])));
    request.on("error", () => done(0));
    request.end();
  });
}

/** Sends a case. @returns The status; 0 when there was none. */
export const send = (sent: Case, port: number): Promise<number> =>
  sent.http2 === true ? sendHttp2(sent, port) : sendRaw(sent, port);
