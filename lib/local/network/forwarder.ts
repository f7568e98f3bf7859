import { connect, createServer, type Server, type Socket } from "node:net";

/** Where a connection may go. */
export interface Target {
  readonly address: string;
  readonly port: number;
}

export interface ForwarderOptions {
  readonly address: string;
  readonly port: number;
  /** Asked for every connection; tried in turn, beginning with another one each time. */
  readonly targets: () => readonly Target[];
}

/** Milliseconds until a target that does not answer is given up. */
const CONNECT_TIMEOUT = 2_000;

/**
 * A service: takes connections and spreads them over targets, as kube-proxy does. The targets see the
 * caller's own address. A connection that no target takes is ended.
 */
export class Forwarder {
  readonly #options: ForwarderOptions;
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  #turn = 0;

  constructor(options: ForwarderOptions) {
    this.#options = options;
    this.#server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) =>
      this.#accept(socket),
    );
  }

  get port(): number {
    const bound = this.#server.address();
    return bound !== null && typeof bound === "object" ? bound.port : this.#options.port;
  }

  /** @throws The system's error: `EADDRINUSE`, `EACCES`. */
  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen({ host: this.#options.address, port: this.#options.port }, () => {
        this.#server.removeListener("error", reject);
        resolve();
      });
    });
  }

  /** Ends the listener and what it carries. */
  close(): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    return new Promise((resolve) => {
      if (!this.#server.listening) resolve();
      else this.#server.close(() => resolve());
    });
  }

  #accept(socket: Socket): void {
    this.#track(socket);
    const targets = this.#options.targets();
    this.#turn += 1;
    const start = this.#turn % Math.max(1, targets.length);
    this.#next(socket, [...targets.slice(start), ...targets.slice(0, start)]);
  }

  #track(socket: Socket): void {
    this.#open.add(socket);
    socket.on("close", () => this.#open.delete(socket));
    socket.on("error", () => socket.destroy()); // Either end may go at any time; the other is ended with it.
  }

  #next(socket: Socket, targets: readonly Target[]): void {
    const [target, ...others] = targets;
    if (!target || socket.destroyed) {
      socket.resetAndDestroy();
      return;
    }
    const localAddress = sourceAddress(socket);
    const out = connect({
      host: target.address,
      port: target.port,
      allowHalfOpen: true,
      ...(localAddress ? { localAddress } : {}),
      timeout: CONNECT_TIMEOUT,
    });
    const failed = (): void => {
      out.destroy();
      this.#next(socket, others);
    };
    out.once("error", failed);
    out.once("timeout", failed);
    out.once("connect", () => {
      out.removeListener("error", failed);
      out.removeListener("timeout", failed);
      out.setTimeout(0);
      this.#track(out);
      join(socket, out);
    });
  }
}

/** Only a loopback address can be passed on. */
function sourceAddress(socket: Socket): string | undefined {
  const address = (socket.remoteAddress ?? "").replace(/^::ffff:/, "");
  return address.startsWith("127.") ? address : undefined;
}

function join(a: Socket, b: Socket): void {
  a.on("close", () => b.destroy());
  b.on("close", () => a.destroy());
  a.setNoDelay(true);
  b.setNoDelay(true);
  a.pipe(b);
  b.pipe(a);
}
