import type { Socket } from "node:net";
import type { HookAnswer } from "../transport.ts";
import { ByteWriter, MessageSplitter } from "./gob-bytes.ts";
import { GobDecoder } from "./gob-decode.ts";
import { GobEncoder } from "./gob-encode.ts";
import { matchFields } from "./gob-match.ts";
import { GobFault, TypeNumbering } from "./gob-types.ts";
import {
  MAX_MESSAGE_BYTES,
  METHOD,
  NEEDS_STDIN,
  REPLY_HEADER_SHAPE,
  REPLY_SHAPE,
  REQUEST_BODY,
  REQUEST_BODY_WITH_TOKEN,
  REQUEST_HEADER,
} from "./messages.ts";

/** Where the agent listens, and what each request carries. */
export interface AgentAddress {
  /** Path of the unix socket; a leading `@` means the abstract name space. */
  readonly address: string;
  readonly contextId: string;
  /** Absolute directory that relative file names in arguments start from. */
  readonly dir: string;
  /** Sent when given; only Juju 3.6 reads it, and expects none on a unix socket. */
  readonly token?: string;
}

export interface AgentCall {
  readonly command: string;
  readonly args: readonly string[];
  /** Bytes that are sent at once, or a function that is called when the command asks for them. */
  readonly stdin?: Uint8Array | (() => Promise<Uint8Array>);
}

/** The agent answered the call with an error in place of a result; nothing was run. */
export class RefusedCall extends Error {}

/** The connection is of no use any more. `sent` says whether the call may have been carried out. */
export class ConnectionFault extends Error {
  readonly sent: boolean;
  constructor(message: string, sent: boolean, options?: ErrorOptions) {
    super(message, options);
    this.sent = sent;
  }
}

interface PendingCall {
  readonly resolve: (answer: HookAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** The client side of one open connection; calls may overlap, replies come in any order. */
export class AgentConnection {
  readonly #socket: Socket;
  readonly #address: AgentAddress;
  readonly #encoder = new GobEncoder(new TypeNumbering());
  readonly #decoder = new GobDecoder();
  readonly #splitter = new MessageSplitter(MAX_MESSAGE_BYTES);
  readonly #pending = new Map<number, PendingCall>();
  /** What is to be sent: calls that are made together leave together. */
  #unsent: ByteWriter | undefined;
  #seq = 0;
  #header: { readonly seq: number; readonly error: string } | undefined;
  #fault: ConnectionFault | undefined;

  /** @param socket Connected. */
  constructor(socket: Socket, address: AgentAddress) {
    this.#socket = socket;
    this.#address = address;
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    socket.on("error", (error) => this.#fail("connection broke", error));
    socket.on("close", () => this.#fail("unexpected EOF"));
    socket.unref();
  }

  /**
   * @throws {RefusedCall} When the agent refused.
   * @throws {ConnectionFault} When the connection ended or spoke something else before the answer came.
   */
  async call(call: AgentCall): Promise<HookAnswer> {
    const { stdin } = call;
    if (stdin instanceof Uint8Array) return this.#send(call, stdin);
    try {
      return await this.#send(call);
    } catch (error) {
      if (!(error instanceof RefusedCall) || error.message !== NEEDS_STDIN) throw error;
      return this.#send(call, (await stdin?.()) ?? new Uint8Array());
    }
  }

  /** Closes at once; open calls are rejected. */
  close(): void {
    this.#socket.destroy();
    this.#fail("closed by the caller");
  }

  #send(call: AgentCall, stdin?: Uint8Array): Promise<HookAnswer> {
    if (this.#fault) return Promise.reject(new ConnectionFault(this.#fault.message, false));
    const seq = this.#seq++;
    this.#write(seq, call, stdin);
    return new Promise((resolve, reject) => {
      if (this.#pending.size === 0) this.#socket.ref();
      this.#pending.set(seq, { resolve, reject });
    });
  }

  #write(seq: number, call: AgentCall, stdin: Uint8Array | undefined): void {
    const { contextId, dir, token } = this.#address;
    const body = {
      ContextId: contextId,
      Dir: dir,
      CommandName: call.command,
      Args: call.args,
      StdinSet: stdin !== undefined,
      Stdin: stdin,
      Token: token,
    };
    if (this.#unsent === undefined) {
      this.#unsent = new ByteWriter();
      queueMicrotask(() => this.#flush());
    }
    this.#encoder.write(this.#unsent, REQUEST_HEADER, { ServiceMethod: METHOD, Seq: seq });
    this.#encoder.write(this.#unsent, token === undefined ? REQUEST_BODY : REQUEST_BODY_WITH_TOKEN, body);
  }

  #flush(): void {
    const { written } = this.#unsent!;
    this.#unsent = undefined;
    if (!this.#fault) this.#socket.write(written);
  }

  #read(chunk: Buffer): void {
    try {
      for (const message of this.#splitter.push(chunk)) this.#message(message);
    } catch (error) {
      if (!(error instanceof GobFault)) throw error;
      this.#fail(error.message, error);
    }
  }

  #message(bytes: Buffer): void {
    const decoded = this.#decoder.message(bytes);
    if (decoded === undefined) return;
    if (this.#header === undefined) {
      const header = matchFields(this.#decoder, decoded, "Response", REPLY_HEADER_SHAPE);
      this.#header = { seq: Number(header.Seq), error: header.Error };
      return;
    }
    const { seq, error } = this.#header;
    this.#header = undefined;
    const call = this.#take(seq);
    if (error !== "") {
      call.reject(new RefusedCall(error));
      return;
    }
    call.resolve(this.#answer(decoded, call));
  }

  #answer(decoded: Parameters<typeof matchFields>[1], call: PendingCall): HookAnswer {
    try {
      const body = matchFields(this.#decoder, decoded, "ExecResponse", REPLY_SHAPE);
      return { exitCode: Number(body.Code), stdout: body.Stdout, stderr: body.Stderr };
    } catch (error) {
      call.reject(new ConnectionFault("the reply has another shape", true, { cause: error }));
      throw error;
    }
  }

  #take(seq: number): PendingCall {
    const call = this.#pending.get(seq);
    if (call === undefined) throw new GobFault(`reply to a call that was not made: ${seq}`);
    this.#pending.delete(seq);
    if (this.#pending.size === 0) this.#socket.unref();
    return call;
  }

  #fail(message: string, cause?: Error): void {
    this.#fault ??= new ConnectionFault(message, true, { cause });
    this.#socket.destroy();
    for (const call of this.#pending.values()) call.reject(this.#fault);
    this.#pending.clear();
  }
}
