/** A client that asks over gRPC as Envoy does, by the same definitions. */
import { type ChannelCredentials, Client, credentials } from "@grpc/grpc-js";
import {
  AUTHORIZATION,
  type CheckRequest,
  type CheckResponse,
  type HEALTH,
  type HeaderValueOption,
} from "../points/grpc/messages.ts";

/** What a user asks for. */
export interface Told {
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly extensions?: Readonly<Record<string, string>>;
}

/** The question about a request. */
export const question = ({
  method = "GET",
  path = "/app/x",
  host = "gw.example.com",
  headers = {},
  extensions = {},
}: Told): CheckRequest => ({
  attributes: {
    source: { address: { socket_address: { address: "203.0.113.7" } } },
    request: { http: { method, path, host, scheme: "https", headers: { ":path": path, ...headers } } },
    context_extensions: extensions,
  },
});

/** Value of a header in an answer. */
export const valueIn = (headers: readonly HeaderValueOption[] | undefined, name: string) =>
  headers?.find(({ header }) => header.key === name)?.header.value;

/** The client. */
export class EnvoyClient {
  readonly #client: Client;

  constructor(port: number | undefined, secure: ChannelCredentials = credentials.createInsecure()) {
    this.#client = new Client(`127.0.0.1:${port}`, secure);
  }

  /** Asks about a request. */
  check(told: Told = {}): Promise<CheckResponse> {
    return this.unary(AUTHORIZATION, "Check", question(told));
  }

  /** Calls a method. */
  unary<T>(service: typeof HEALTH, method: string, message: unknown): Promise<T> {
    const definition = service[method];
    if (definition === undefined) throw new TypeError(`no method ${method}`);
    const { path, requestSerialize, responseDeserialize } = definition;
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        path,
        requestSerialize as (value: unknown) => Buffer,
        responseDeserialize as (bytes: Buffer) => T,
        message,
        { deadline: Date.now() + 5000 },
        (error, response) => (error === null ? resolve(response as T) : reject(error)),
      );
    });
  }

  close(): void {
    this.#client.close();
  }
}
