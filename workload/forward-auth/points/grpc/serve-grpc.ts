/**
 * The listener for Envoy's gRPC checks. Loaded only when `grpc_address` is set.
 *
 * @see Envoy: envoy.service.auth.v3.Authorization; gRPC: health checking protocol
 */
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import type { Context } from "../../server/context.ts";
import { Exchange, NO_STORE } from "../../server/exchange.ts";
import { notReady } from "../../server/health.ts";
import { LIMITS } from "../../server/limits.ts";
import { ListenError, readAddress } from "../../server/listen.ts";
import { answer } from "../../server/router.ts";
import type { ListenerTls } from "../../server/tls.ts";
import { ENVOY_GRPC } from "../point.ts";
import { readCheck } from "./check-request.ts";
import { GrpcReply } from "./check-response.ts";
import { RenewedCredentials } from "./credentials.ts";
import { Health } from "./health.ts";
import { AUTHORIZATION, type CheckRequest, type CheckResponse, HEALTH } from "./messages.ts";

/**
 * Limits: 256 KiB a question, headers and the part of a body that Envoy may send along; 16 KiB of gRPC metadata; a thousand checks at
 * once on a connection, and no connection that nothing is asked on.
 */
const GRPC_LIMITS = {
  "grpc.max_receive_message_length": 262_144,
  "grpc.max_send_message_length": 1_048_576,
  "grpc.max_metadata_size": 16_384,
  "grpc.max_concurrent_streams": 1000,
  "grpc.max_connection_idle_ms": LIMITS.idleTimeout,
} as const;

/** Milliseconds that checks under way get to end. */
const GRACE = 5000;

/** A listener for gRPC. */
export interface GrpcServing {
  readonly port: number;
  /** What its certificate is renewed by; undefined without TLS. */
  readonly credentials: RenewedCredentials | undefined;
  close(): Promise<void>;
}

/** The address in `127.0.0.1:50123` or `[::1]:50123`. */
const addressOf = (peer: string): string => peer.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");

/** Milliseconds until the call's deadline; nothing when it has none. */
function timeLeft(deadline: Date | number): { readonly timeLeft?: number } {
  const end = Number(deadline);
  return Number.isFinite(end) ? { timeLeft: end - Date.now() } : {};
}

function check(
  context: Context,
  call: ServerUnaryCall<CheckRequest, CheckResponse>,
  done: sendUnaryData<CheckResponse>,
): void {
  const { asked: read, fault } = readCheck(call.request, addressOf(call.getPeer()));
  const asked = { ...read, ...timeLeft(call.getDeadline()) };
  const reply = new GrpcReply(asked.method, (response) => done(null, response));
  const exchange = new Exchange(context, asked, reply, ENVOY_GRPC);
  if (fault === undefined) answer(exchange);
  else
    exchange.text(
      fault === "bad-context-extension" ? 403 : 400,
      "This request cannot be decided.\n",
      NO_STORE,
      {
        decision: "deny",
        reason: fault,
      },
    );
}

function createServer(context: () => Context, health: Health): Server {
  const server = new Server(GRPC_LIMITS);
  server.addService(AUTHORIZATION, {
    Check: (call: ServerUnaryCall<CheckRequest, CheckResponse>, done: sendUnaryData<CheckResponse>) =>
      check(context(), call, done),
  });
  server.addService(HEALTH, { Check: health.check.bind(health), Watch: health.watch.bind(health) });
  return server;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.forceShutdown(), GRACE);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/**
 * Starts to answer checks.
 *
 * @param context What a check is answered with; another one after the configuration was read again.
 * @param tls Undefined: without TLS. It is closed with the listener.
 * @throws {ListenError} When the address is taken.
 * @throws {RangeError} When it is none.
 */
export async function serveGrpc(
  context: () => Context,
  address: string,
  tls?: ListenerTls,
): Promise<GrpcServing> {
  const { host, port } = readAddress(address);
  const health = new Health("envoy.service.auth.v3.Authorization", () => notReady(context()) === undefined);
  const server = createServer(context, health);
  const target = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const credentials = tls && new RenewedCredentials(tls);
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(target, credentials ?? ServerCredentials.createInsecure(), (error, actual) => {
      if (error === null) resolve(actual);
      else reject(new ListenError(`Cannot listen on ${address}: ${error.message}`, { cause: error }));
    });
  });
  return {
    port: bound,
    credentials,
    close: () => {
      tls?.close();
      health.close();
      return close(server);
    },
  };
}
