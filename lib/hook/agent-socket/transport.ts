import { inlineContent } from "../secret-content.ts";
import type { HookAnswer, HookRequest, HookTransport } from "../transport.ts";
import { connectAgent } from "./connect.ts";
import { type AgentAddress, type AgentConnection, ConnectionFault, RefusedCall } from "./connection.ts";

/** Where the agent listens, and what to do when it cannot be understood. */
export interface AgentSocketOptions extends AgentAddress {
  /** `JUJU_AGENT_SOCKET_NETWORK`; anything but `unix` goes to the fallback. */
  readonly network: string;
  /** Takes over for the rest of the hook after any surprise. Without it a surprise is an answer, exit code 1. */
  readonly fallback?: HookTransport;
  /** Told once, when the fallback takes over and why. */
  readonly debug?: (message: string) => void;
  /** How long to wait for the connection, in milliseconds. Default: 5000. */
  readonly connectTimeoutMs?: number;
}

/** Commands that must not be run again when it is unknown whether they ran. */
const notRepeatable = new Set(["secret-add", "storage-add", "juju-reboot"]);

/**
 * A transport that speaks the unit agent's own protocol over one connection for the whole hook, opened at
 * the first call. Close it before the process ends: the agent waits for it.
 *
 * When the agent does not answer as expected, calls go to `fallback` from then on. A call that had been
 * sent is repeated there, except `secret-add`, `storage-add` and `juju-reboot`, which end with exit code 1.
 */
export function agentSocket(options: AgentSocketOptions): HookTransport {
  return new AgentSocketTransport(options);
}

class AgentSocketTransport implements HookTransport {
  readonly #options: AgentSocketOptions;
  #connection: Promise<AgentConnection> | undefined;
  #surprise: string | undefined;
  #closed = false;

  constructor(options: AgentSocketOptions) {
    this.#options = options;
    if (options.network !== "unix") this.#surprised(`network ${options.network} is not supported`);
  }

  async run(request: HookRequest): Promise<HookAnswer> {
    if (this.#closed) throw new TypeError(`Cannot run ${request.command}: the transport is closed`);
    if (this.#surprise !== undefined) return this.#fallback(request, this.#surprise);
    try {
      const connection = await this.#connect();
      return await connection.call(inlineContent(request));
    } catch (error) {
      return this.#recover(request, error);
    }
  }

  close(): void {
    this.#closed = true;
    this.#options.fallback?.close();
    this.#connection?.then(
      (connection) => connection.close(),
      () => undefined, // It never opened; the call that wanted it was told.
    );
  }

  #connect(): Promise<AgentConnection> {
    const { connectTimeoutMs: timeoutMs } = this.#options;
    this.#connection ??= connectAgent(this.#options, timeoutMs === undefined ? {} : { timeoutMs });
    return this.#connection;
  }

  #recover(request: HookRequest, error: unknown): HookAnswer | Promise<HookAnswer> {
    if (error instanceof RefusedCall) {
      // The agent has no such method or reads other structures: nothing was run.
      if (!/^(rpc|gob): /.test(error.message)) return failed(error.message);
      this.#surprised(error.message);
      return this.#fallback(request, error.message);
    }
    if (!(error instanceof ConnectionFault)) throw error;
    this.#surprised(error.message);
    if (error.sent && (this.#closed || notRepeatable.has(request.command))) return failed(error.message);
    return this.#fallback(request, error.message);
  }

  #surprised(reason: string): void {
    if (this.#surprise !== undefined || this.#closed) return;
    this.#surprise = reason;
    const { fallback, debug } = this.#options;
    if (fallback) debug?.(`agent socket not used, falling back to executables: ${reason}`);
  }

  #fallback(request: HookRequest, reason: string): HookAnswer | Promise<HookAnswer> {
    return this.#options.fallback?.run(request) ?? failed(reason);
  }
}

/** What `jujuc` prints and how it ends when the call itself fails. */
function failed(message: string): HookAnswer {
  return {
    exitCode: 1,
    stdout: new Uint8Array(),
    stderr: new TextEncoder().encode(`ERROR ${message}\n`),
  };
}
