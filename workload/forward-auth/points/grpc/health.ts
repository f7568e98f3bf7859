/** gRPC's health checks: serving while the process should get traffic. */
import { type ServerUnaryCall, type ServerWritableStream, type sendUnaryData, status } from "@grpc/grpc-js";

/** grpc.health.v1.HealthCheckResponse.ServingStatus. */
const SERVING = 1;
const NOT_SERVING = 2;
const SERVICE_UNKNOWN = 3;

/** Milliseconds between looks at the health, for those who watch it. */
const WATCH_INTERVAL = 1000;

interface HealthRequest {
  readonly service?: string;
}

interface HealthResponse {
  readonly status: number;
}

type Watcher = ServerWritableStream<HealthRequest, HealthResponse>;

/** Answers health checks, about the whole server (an empty name) or one service. */
export class Health {
  readonly #service: string;
  readonly #ready: () => boolean;
  readonly #watchers = new Map<Watcher, NodeJS.Timeout>();
  #closing = false;

  constructor(service: string, ready: () => boolean) {
    this.#service = service;
    this.#ready = ready;
  }

  #of(name = ""): number {
    if (name !== "" && name !== this.#service) return SERVICE_UNKNOWN;
    return this.#ready() && !this.#closing ? SERVING : NOT_SERVING;
  }

  check(call: ServerUnaryCall<HealthRequest, HealthResponse>, done: sendUnaryData<HealthResponse>): void {
    const health = this.#of(call.request.service);
    if (health === SERVICE_UNKNOWN) done({ code: status.NOT_FOUND, details: "unknown service" });
    else done(null, { status: health });
  }

  watch(call: Watcher): void {
    let told = -1;
    const look = () => {
      const health = this.#of(call.request.service);
      if (health !== told) call.write({ status: health });
      told = health;
    };
    this.#watchers.set(call, setInterval(look, WATCH_INTERVAL).unref());
    call.on("cancelled", () => this.#end(call));
    look();
  }

  #end(call: Watcher): void {
    clearInterval(this.#watchers.get(call));
    this.#watchers.delete(call);
    call.end();
  }

  /** Says that nothing is served any more, and ends the watching. */
  close(): void {
    this.#closing = true;
    for (const call of this.#watchers.keys()) {
      call.write({ status: NOT_SERVING });
      this.#end(call);
    }
  }
}
