/** TLS for the gRPC listener, in grpc-js' own shape: its certificate changes while it serves. */
import type { SecureServerOptions } from "node:http2";
import type { SecureContextOptions } from "node:tls";
import { ServerCredentials } from "@grpc/grpc-js";
import { LIMITS } from "../../server/limits.ts";
import type { ListenerTls } from "../../server/tls.ts";

/** Credentials whose certificate may be replaced. A client that must show a certificate and has none does not get as far as a call. */
export class RenewedCredentials extends ServerCredentials {
  constructor(tls: ListenerTls) {
    const options: SecureServerOptions = { ...tls.clients, handshakeTimeout: LIMITS.handshakeTimeout };
    super(options, tls.options);
  }

  /** From now on connections get another certificate. */
  setSecureContext(options: SecureContextOptions): void {
    this.updateSecureContextOptions(options);
  }

  _equals(other: ServerCredentials): boolean {
    return this === other;
  }
}
