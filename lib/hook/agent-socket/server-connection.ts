import type { Socket } from "node:net";
import { MessageSplitter } from "./gob-bytes.ts";
import { type Decoded, GobDecoder, isDefinition } from "./gob-decode.ts";
import { GobEncoder, type GobInput } from "./gob-encode.ts";
import { type Matched, matchFields } from "./gob-match.ts";
import { GobFault, type TypeNumbering } from "./gob-types.ts";
import {
  EMPTY_BODY,
  METHOD,
  NEEDS_STDIN,
  REPLY_BODY,
  REPLY_HEADER,
  REQUEST_HEADER_SHAPE,
  REQUEST_SHAPE,
} from "./messages.ts";
import type { AgentReply } from "./server.ts";

export interface ServedRequest {
  readonly contextId: string;
  /** Absolute directory of the caller. */
  readonly dir: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly stdin?: Uint8Array;
}

export interface ServerConnectionOptions {
  readonly handle: (request: ServedRequest) => Promise<AgentReply>;
  readonly numbering: TypeNumbering;
  readonly maxMessageBytes: number;
  readonly contextId?: string;
  readonly commands?: readonly string[];
  readonly token?: string;
  readonly onError?: (error: unknown) => void;
}

type Header = Matched<typeof REQUEST_HEADER_SHAPE>;
type Body = Matched<typeof REQUEST_SHAPE>;

/** The server side of one connection. Refused calls leave it usable, a broken header ends it. */
export class ServerConnection {
  readonly #socket: Socket;
  readonly #options: ServerConnectionOptions;
  readonly #decoder = new GobDecoder();
  readonly #encoder: GobEncoder;
  readonly #splitter: MessageSplitter;
  #header: Header | undefined;
  #running = 0;
  #ended = false;

  constructor(socket: Socket, options: ServerConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#encoder = new GobEncoder(options.numbering);
    this.#splitter = new MessageSplitter(options.maxMessageBytes);
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    socket.on("end", () => this.#end());
    // A caller that is gone needs no answer; what it asked for is still carried out.
    socket.on("error", () => socket.destroy());
  }

  #read(chunk: Buffer): void {
    try {
      for (const message of this.#splitter.push(chunk)) this.#message(message);
    } catch (error) {
      if (!(error instanceof GobFault)) throw error;
      this.#socket.destroy();
    }
  }

  #end(): void {
    this.#ended = true;
    if (this.#running === 0) this.#socket.end();
  }

  #message(bytes: Buffer): void {
    if (this.#header === undefined) {
      const decoded = this.#decoder.message(bytes);
      if (decoded) this.#header = matchFields(this.#decoder, decoded, "Request", REQUEST_HEADER_SHAPE);
      return;
    }
    const header = this.#header;
    const body = this.#body(bytes);
    if (body === undefined) return;
    this.#header = undefined;
    this.#running += 1;
    this.#answer(header, body).catch((error: unknown) => {
      this.#options.onError?.(error);
      this.#socket.destroy();
    });
  }

  /** The value of the body, a text why it cannot be read, or nothing yet after a definition. */
  #body(bytes: Buffer): Decoded | GobFault | undefined {
    const defines = isDefinition(bytes);
    try {
      return this.#decoder.message(bytes);
    } catch (error) {
      // After a broken definition nothing that follows can be trusted to be a header.
      if (!(error instanceof GobFault) || defines) throw error;
      return error;
    }
  }

  async #answer(header: Header, decoded: Decoded | GobFault): Promise<void> {
    const reply = await this.#reply(header, decoded);
    this.#running -= 1;
    if (this.#socket.destroyed) return;
    this.#socket.write(this.#encode(header, reply));
    if (this.#ended && this.#running === 0) this.#socket.end();
  }

  async #reply(header: Header, decoded: Decoded | GobFault): Promise<AgentReply> {
    const badMethod = methodFault(header.ServiceMethod);
    if (badMethod !== undefined) return { error: badMethod };
    if (decoded instanceof GobFault) return { error: decoded.message };
    let body: Body;
    try {
      body = matchFields(this.#decoder, decoded, "Request", REQUEST_SHAPE);
    } catch (error) {
      if (!(error instanceof GobFault)) throw error;
      return { error: error.message };
    }
    const refusal = this.#refusal(body);
    if (refusal !== undefined) return { error: `bad request: ${refusal}` };
    return this.#options.handle({
      contextId: body.ContextId,
      dir: body.Dir,
      command: body.CommandName,
      args: body.Args,
      ...(body.StdinSet ? { stdin: body.Stdin } : {}),
    });
  }

  /** In the agent's order. */
  #refusal(body: Body): string | undefined {
    const { token, contextId, commands } = this.#options;
    if (token !== undefined && body.Token !== token) return "token does not match";
    if (body.CommandName === "") return "command not specified";
    if (!body.Dir.startsWith("/")) return "Dir is not absolute";
    if (contextId !== undefined && body.ContextId !== contextId) {
      return `wrong context ID; got "${body.ContextId}"`;
    }
    if (commands !== undefined && !commands.includes(body.CommandName)) {
      return `unknown command: ${body.CommandName}`;
    }
    return undefined;
  }

  #encode({ ServiceMethod, Seq }: Header, reply: AgentReply): Buffer {
    const error = errorOf(reply);
    const header = this.#encoder.encode(REPLY_HEADER, { ServiceMethod, Seq, Error: error });
    if (typeof reply === "string" || "error" in reply) {
      return Buffer.concat([header, this.#encoder.encode(EMPTY_BODY, {})]);
    }
    const body: GobInput = { Code: reply.exitCode, Stdout: reply.stdout, Stderr: reply.stderr };
    return Buffer.concat([header, this.#encoder.encode(REPLY_BODY, body)]);
  }
}

function errorOf(reply: AgentReply): string {
  if (reply === "needs stdin") return NEEDS_STDIN;
  return "error" in reply ? reply.error : "";
}

/** Go: net/rpc, `Server.readRequestHeader`. */
function methodFault(method: string): string | undefined {
  if (method === METHOD) return undefined;
  const dot = method.lastIndexOf(".");
  if (dot < 0) return `rpc: service/method request ill-formed: ${method}`;
  return method.slice(0, dot) === "Jujuc"
    ? `rpc: can't find method ${method}`
    : `rpc: can't find service ${method}`;
}
