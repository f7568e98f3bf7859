import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import { AUTHORIZATION } from "../../../workload/forward-auth/points/grpc/messages.ts";

/** A question as it arrived. */
export type Asked =
  | {
      readonly method: string;
      readonly url: string;
      /** Name, value, name, value. */
      readonly headers: readonly string[];
    }
  | {
      /** A CheckRequest in Base64. */
      readonly check: string;
    };

/** A decision point that allows everything and notes what it was asked. */
export interface Recorder {
  readonly decisions: number;
  readonly grpc: number;
  /** The last question; undefined before the first, and after `forget`. */
  last(): Asked | undefined;
  forget(): void;
  close(): Promise<void>;
}

function startGrpc(note: (asked: Asked) => void): Promise<{ server: Server; port: number }> {
  const { Check } = AUTHORIZATION;
  if (Check === undefined) throw new TypeError("no method Check");
  const raw = { Check: { ...Check, requestDeserialize: (bytes: Buffer) => bytes } };
  const server = new Server();
  server.addService(raw, {
    Check(call: ServerUnaryCall<Buffer, unknown>, done: sendUnaryData<unknown>) {
      note({ check: call.request.toString("base64") });
      done(null, { status: { code: 0 }, ok_response: {} });
    },
  });
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve({ server, port }) : reject(error),
    );
  });
}

function startHttp(note: (asked: Asked) => void): Promise<HttpServer> {
  const server = createServer(({ method = "", url = "", rawHeaders }, response) => {
    note({ method, url, headers: rawHeaders });
    response.writeHead(200).end();
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

/** Starts one, over HTTP and gRPC. */
export async function startRecorder(): Promise<Recorder> {
  let last: Asked | undefined;
  const note = (asked: Asked) => {
    last = asked;
  };
  const http = await startHttp(note);
  const { server, port } = await startGrpc(note);
  return {
    decisions: (http.address() as AddressInfo).port,
    grpc: port,
    last: () => last,
    forget: () => {
      last = undefined;
    },
    async close() {
      server.forceShutdown();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}
