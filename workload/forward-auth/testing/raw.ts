/** Bytes on a socket, as sent and as they come: for what HTTP libraries do not let one say. */
import { once } from "node:events";
import { connect } from "node:net";

/** How a conversation ended. */
export interface RawAnswer {
  /** Everything that came, latin1. */
  readonly text: string;
  /** `end`: closed in order; `reset`: broken off; `open`: nothing more came. */
  readonly ending: "end" | "reset" | "open";
}

/** Where bytes are sent. */
export interface RawPeer {
  readonly port: number;
  /** Whether this is as much as must come. Default: whole answers after which the connection stays open. */
  until?(text: string): boolean;
}

/** Milliseconds without a byte after all that must come: nothing more does. */
const QUIET = 150;

/** Milliseconds without a byte of what must come: only something wrong takes so long. */
const PATIENCE = 10_000;

/**
 * Sends bytes and takes what comes, until the other side ends the connection or has sent all that must come.
 *
 * @param bytes latin1; several texts are sent one after the other, each after something came back.
 */
export async function rawExchange(peer: number | RawPeer, ...bytes: readonly string[]): Promise<RawAnswer> {
  const { port, until = isWhole }: RawPeer = typeof peer === "number" ? { port: peer } : peer;
  const socket = connect({ port, host: "127.0.0.1" });
  await once(socket, "connect");
  const texts = [...bytes];
  let text = "";
  socket.write(texts.shift() ?? "", "latin1");
  const ending = await new Promise<RawAnswer["ending"]>((resolve) => {
    const open = () => resolve("open");
    let timer = setTimeout(open, PATIENCE);
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
      const next = texts.shift();
      if (next !== undefined) socket.write(next, "latin1");
      clearTimeout(timer);
      timer = setTimeout(open, next === undefined && until(text) ? QUIET : PATIENCE);
    });
    socket.once("end", () => resolve("end"));
    socket.once("error", () => resolve("reset"));
    socket.once("close", () => clearTimeout(timer));
  });
  socket.destroy();
  return { text, ending };
}

/** True for answers that have all their bytes and after which the connection stays open. */
function isWhole(text: string): boolean {
  const [head, status = ""] = /^HTTP\/1\.[01] (\d{3})[\s\S]*?\r\n\r\n/.exec(text) ?? [];
  if (head === undefined || /^Connection: close\r$/im.test(head)) return false;
  if (status === "101") return true;
  const rest = text.slice(head.length);
  if (status.startsWith("1")) return isWhole(rest);
  const length = /^(?:204|304)$/.test(status) ? 0 : lengthOf(head, rest);
  return length === rest.length || (length < rest.length && isWhole(rest.slice(length)));
}

/** How long the body is that the head announces; infinite while that cannot be told. */
function lengthOf(head: string, rest: string): number {
  const [, length] = /^Content-Length: (\d+)\r$/im.exec(head) ?? [];
  if (length !== undefined) return Number(length);
  if (!/^Transfer-Encoding: chunked\r$/im.test(head)) return Number.POSITIVE_INFINITY;
  for (let at = 0; ; ) {
    const [line, size = ""] = /^([\da-f]+)[^\n]*\r\n/i.exec(rest.slice(at)) ?? [];
    if (line === undefined) return Number.POSITIVE_INFINITY;
    at += line.length;
    if (Number.parseInt(size, 16) > 0) at += Number.parseInt(size, 16) + 2;
    else return at + (/^(?:[^\r\n]+\r\n)*\r\n/.exec(rest.slice(at))?.[0].length ?? Number.POSITIVE_INFINITY);
  }
}

/** A request as bytes. @param lines Headers, `Name: value`. */
export function rawRequest(line: string, lines: readonly string[] = [], body = ""): string {
  return `${[`${line} HTTP/1.1`, "Host: app.example.com", ...lines].join("\r\n")}\r\n\r\n${body}`;
}

/** The status of an answer; 0 when there is none. */
export const rawStatus = (answer: RawAnswer): number =>
  Number(/^HTTP\/1\.[01] (\d{3})/.exec(answer.text)?.[1] ?? 0);
