/** Sends exact bytes and reads what comes back, as it is on the wire. @module */

import http2 from "node:http2";
import net, { type Socket } from "node:net";
import tls, { type TLSSocket } from "node:tls";
import type { Heard, Http2Request, Pairs, RequestPlan, TlsRequest } from "./recording.ts";

/** Where to connect to, and from. */
export interface Way {
  readonly host: string;
  readonly port: number;
  readonly from: string;
}

interface Answer extends Record<string, unknown> {
  status: number;
  headers: Pairs;
}

const METHOD = /(?:^|\r\n\r\n)([A-Z]+) /;

/** Reads answers off a growing text. */
class Reader {
  text = "";
  ended = false;
  readonly answers: Answer[] = [];
  readonly #heads: boolean;
  #interim: Answer[] = [];
  upgraded = false;
  garbage = false;

  constructor(isHead: boolean) {
    this.#heads = isHead;
  }

  /** Takes one answer off the text, if it is whole. */
  #take(): boolean {
    if (this.upgraded || this.garbage) return false;
    if (this.text !== "" && !"HTTP/".startsWith(this.text.slice(0, 5))) this.garbage = true;
    const end = this.text.indexOf("\r\n\r\n");
    if (end < 0 || this.garbage) return false;
    const [line = "", ...fields] = this.text.slice(0, end).split("\r\n");
    const headers: Pairs = fields.map((field) => {
      const colon = field.indexOf(":");
      return [field.slice(0, colon), field.slice(colon + 1).trim()];
    });
    const version = line.slice(5, 8);
    const answer: Answer = {
      status: Number(line.slice(9, 12)),
      headers,
      ...(version === "1.1" ? {} : { version }),
    };
    if (answer.status > 100 && answer.status < 200 && answer.status !== 101) {
      this.#interim.push(answer);
      this.text = this.text.slice(end + 4);
      return true;
    }
    if (answer.status === 100) {
      this.#interim.push(answer);
      this.text = this.text.slice(end + 4);
      return true;
    }
    const rest = this.#body(answer, this.text.slice(end + 4));
    if (rest === undefined) return false;
    this.answers.push(...this.#interim.map((one) => ({ ...one, interim: true })));
    this.#interim = [];
    this.text = rest;
    this.answers.push(answer);
    return true;
  }

  #body(answer: Answer, text: string): string | undefined {
    const value = (name: string) => answer.headers.find(([key]) => key.toLowerCase() === name)?.[1];
    if (answer.status === 101) {
      this.upgraded = true;
      return text;
    }
    if (this.#heads || answer.status === 204 || answer.status === 304) return text;
    if (value("transfer-encoding")?.toLowerCase() === "chunked") return this.#chunks(answer, text);
    const length = value("content-length");
    if (length === undefined) {
      if (!this.ended) return undefined;
      if (text !== "") answer["body"] = text;
      answer["untilClose"] = true;
      return "";
    }
    if (text.length < Number(length)) {
      if (!this.ended) return undefined;
      if (text !== "") answer["body"] = text;
      answer["incomplete"] = true;
      return "";
    }
    if (Number(length) > 0) answer["body"] = text.slice(0, Number(length));
    return text.slice(Number(length));
  }

  #chunks(answer: Answer, text: string): string | undefined {
    let rest = text;
    let body = "";
    const finish = (left: string, more: object): string => {
      if (body !== "") answer["body"] = body;
      Object.assign(answer, { chunked: true, ...more });
      return left;
    };
    for (;;) {
      const head = /^([0-9a-f]+)[^\r\n]*\r\n/i.exec(rest);
      const size = Number.parseInt(head?.[1] ?? "", 16);
      if (!head || (size > 0 && rest.length < head[0].length + size + 2)) {
        return this.ended ? finish("", { incomplete: true }) : undefined;
      }
      rest = rest.slice(head[0].length);
      if (size === 0) {
        const end = rest.startsWith("\r\n") ? 0 : rest.indexOf("\r\n\r\n");
        if (end < 0) return this.ended ? finish("", { incomplete: true }) : undefined;
        if (end === 0) return finish(rest.slice(2), {});
        const trailers = rest
          .slice(0, end)
          .split("\r\n")
          .map((field) => field.split(/: ?(.*)/s).slice(0, 2));
        return finish(rest.slice(end + 4), { trailers });
      }
      body += rest.slice(0, size);
      rest = rest.slice(size + 2);
    }
  }

  read(): void {
    while (this.#take());
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function tlsFacts(socket: TLSSocket): Heard {
  const certificate = socket.getPeerCertificate();
  return {
    protocol: socket.getProtocol(),
    cipher: socket.getCipher().name,
    alpn: socket.alpnProtocol || null,
    certificate: { cn: certificate.subject?.CN, san: certificate.subjectaltname },
  };
}

async function connect(way: Way, request: TlsRequest | undefined): Promise<Socket> {
  const plain = net.connect({ host: way.host, port: way.port, localAddress: way.from });
  const socket = request
    ? tls.connect({
        socket: plain,
        rejectUnauthorized: false,
        ...(request.sni ? { servername: request.sni } : {}),
        ...(request.alpn ? { ALPNProtocols: [...request.alpn] } : {}),
        ...(request.min ? { minVersion: request.min as tls.SecureVersion } : {}),
        ...(request.max ? { maxVersion: request.max as tls.SecureVersion } : {}),
        ...(request.ciphers ? { ciphers: request.ciphers } : {}),
        ...(request.curve ? { ecdhCurve: request.curve } : {}),
      })
    : plain;
  await new Promise<void>((resolve, reject) => {
    socket.once(request ? "secureConnect" : "connect", () => resolve());
    plain.once("error", reject);
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("connection closed")));
  });
  return socket;
}

async function overHttp2(socket: TLSSocket, way: Way, plan: Http2Request, timeout: number): Promise<Heard> {
  const session = http2.connect(`https://${way.host}:${way.port}`, { createConnection: () => socket });
  session.on("error", () => session.destroy());
  const stream = session.request({
    ":method": plan.method ?? "GET",
    ":path": plan.path,
    ":authority": plan.authority,
    ...(plan.headers as Record<string, string>),
  });
  const found = await new Promise<Heard>((resolve) => {
    let head: Answer | undefined;
    const chunks: Buffer[] = [];
    const timer = setTimeout(() => resolve({ none: "timeout" }), timeout);
    const done = (value: Heard): void => {
      clearTimeout(timer);
      resolve(value);
    };
    stream.on("response", ({ ":status": status, ...fields }) => {
      const headers = Object.entries(fields).flatMap(([name, value]) =>
        [value].flat().map((one) => [name, String(one)] as const),
      );
      head = { status: Number(status), version: "2.0", headers };
    });
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("error", (error: NodeJS.ErrnoException) => done({ h2error: error.code }));
    stream.on("end", () => {
      const body = Buffer.concat(chunks).toString("latin1");
      done({ response: { ...head, ...(body === "" ? {} : { body }) } });
    });
    stream.end(plan.body === undefined ? undefined : Buffer.from(plan.body, "latin1"));
  });
  session.destroy();
  return found;
}

/** How long to wait for things that need not come. */
export interface Patience {
  /** For the answers. */
  readonly timeout: number;
  /** Bytes that should come through the tunnel. */
  readonly tunnel: number | undefined;
  /** Whether the server should end the connection. */
  readonly closes: boolean;
  /** How many answers should come, interim ones too; absent when it is one. */
  readonly several?: number;
  /** The client goes away after so many milliseconds. */
  readonly leaves?: number;
  /** Bytes that should come where no HTTP is spoken. */
  readonly bytes: number | undefined;
}

/** An open connection to the gateway. */
export interface Line {
  readonly socket: Socket;
  readonly reader: { readonly answers: readonly Heard[]; readonly text: string };
  send(text: string): void;
  /** Waits until so many answers are there. */
  answers(count: number, timeout: number): Promise<readonly Heard[]>;
}

export async function openLine(way: Way, isHead = false): Promise<Line> {
  const socket = await connect(way, undefined);
  const reader = new Reader(isHead);
  socket.on("data", (chunk) => {
    reader.text += chunk.toString("latin1");
    reader.read();
  });
  socket.on("error", () => socket.destroy());
  return {
    socket,
    reader,
    send: (text) => void socket.write(Buffer.from(text, "latin1")),
    async answers(count, timeout) {
      for (
        const end = performance.now() + timeout;
        reader.answers.length < count && performance.now() < end;
      )
        await pause(5);
      return reader.answers;
    },
  };
}

/** One exchange; the fields are those of the recording. */
export async function exchange(way: Way, plan: RequestPlan, patience: Patience): Promise<Heard> {
  let socket: Socket;
  try {
    socket = await connect(way, plan.tls);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return plan.tls && code !== "ECONNREFUSED" ? { tlsError: message } : { failed: code ?? message };
  }
  const facts = plan.tls ? { tls: tlsFacts(socket as TLSSocket) } : {};
  if (plan.h2) return { ...facts, ...(await overHttp2(socket as TLSSocket, way, plan.h2, patience.timeout)) };
  return { ...facts, ...(await plainExchange(socket, plan, patience)) };
}

async function plainExchange(socket: Socket, plan: RequestPlan, patience: Patience): Promise<Heard> {
  const sent = plan.bytes ?? "";
  const reader = new Reader(METHOD.exec(sent)?.[1] === "HEAD");
  let fault: string | undefined;
  socket.on("data", (chunk) => {
    reader.text += chunk.toString("latin1");
    reader.read();
  });
  socket.on("error", (error: NodeJS.ErrnoException) => {
    fault = error.code;
  });
  socket.on("close", () => {
    reader.ended = true;
    reader.read();
  });
  socket.on("end", () => {
    reader.ended = true;
    reader.read();
  });
  const until = async (ms: number, done: () => boolean): Promise<void> => {
    for (const end = performance.now() + ms; !done() && performance.now() < end; ) await pause(4);
  };
  for (const part of [{ t: plan.bytes ?? "", wait: 0 }, ...(plan.parts ?? [])]) {
    if (part.wait) await pause(part.wait);
    if (part.t && socket.writable) socket.write(Buffer.from(part.t, "latin1"));
  }
  if (plan.end) socket.end();
  if (patience.leaves !== undefined) {
    await pause(patience.leaves);
    socket.destroy();
    return {};
  }
  const wanted = Math.max(plan.n ?? 1, patience.several ?? 0);
  if (plan.linger) await pause(plan.linger);
  await until(
    patience.timeout,
    () =>
      reader.answers.length >= wanted ||
      reader.ended ||
      reader.upgraded ||
      (reader.garbage && reader.text.length >= (patience.bytes ?? 0)),
  );
  if (reader.upgraded) {
    for (const text of plan.after ?? []) socket.write(Buffer.from(text, "latin1"));
    await until(1000, () => reader.text.length >= (patience.tunnel ?? 0) || reader.ended);
  }
  if (patience.closes) await until(1500, () => reader.ended);
  const ended = reader.ended;
  socket.destroy();
  const [first] = reader.answers;
  const connection = patience.closes
    ? { connection: ended ? (fault === "ECONNRESET" ? "reset" : "closed") : "open" }
    : {};
  if (reader.garbage) return { bytes: reader.text, ...connection };
  if (!first)
    return {
      none:
        fault === "ECONNRESET"
          ? "reset"
          : ended
            ? reader.text === ""
              ? "closed"
              : "incomplete response"
            : "timeout",
      ...connection,
    };
  return {
    ...(patience.several ? { responses: reader.answers } : { response: reader.answers.at(-1) }),
    ...(reader.upgraded ? { tunnel: reader.text } : {}),
    ...connection,
  };
}
