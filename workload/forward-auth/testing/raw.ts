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

/** Milliseconds without a byte after which an answer counts as complete. */
const QUIET = 150;

/**
 * Sends bytes and takes what comes.
 *
 * @param bytes latin1; several texts are sent one after the other, each after something came back.
 */
export async function rawExchange(port: number, ...bytes: readonly string[]): Promise<RawAnswer> {
  const socket = connect({ port, host: "127.0.0.1" });
  await once(socket, "connect");
  const texts = [...bytes];
  let text = "";
  socket.write(texts.shift() ?? "", "latin1");
  const ending = await new Promise<RawAnswer["ending"]>((resolve) => {
    let timer = setTimeout(() => resolve("open"), QUIET * 10);
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
      clearTimeout(timer);
      timer = setTimeout(() => resolve("open"), QUIET);
      const next = texts.shift();
      if (next !== undefined) socket.write(next, "latin1");
    });
    socket.once("end", () => resolve("end"));
    socket.once("error", () => resolve("reset"));
  });
  socket.destroy();
  return { text, ending };
}

/** A request as bytes. @param lines Headers, `Name: value`. */
export function rawRequest(line: string, lines: readonly string[] = [], body = ""): string {
  return `${[`${line} HTTP/1.1`, "Host: app.example.com", ...lines].join("\r\n")}\r\n\r\n${body}`;
}

/** The status of an answer; 0 when there is none. */
export const rawStatus = (answer: RawAnswer): number =>
  Number(/^HTTP\/1\.[01] (\d{3})/.exec(answer.text)?.[1] ?? 0);
