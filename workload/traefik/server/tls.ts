import type { Socket } from "node:net";
import tls, { type SecureContext, type TLSSocket } from "node:tls";

/** Time for a handshake. */
const HANDSHAKE_MS = 120_000;

/** Go's order; OpenSSL takes that of TLS 1.3 from the listener. */
const CIPHERS = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "ECDHE+AESGCM",
  "ECDHE+CHACHA20",
].join(":");
/** Takes TLS connections. Node asks no callback for a client that names no host, so each begins with the default. */
export function tlsAcceptor(
  contextFor: (serverName: string | undefined) => SecureContext | undefined,
  accepted: (socket: TLSSocket) => void,
): (raw: Socket) => void {
  const bare = tls.createSecureContext({ honorCipherOrder: true, ciphers: CIPHERS });
  return (raw) => {
    const socket = new tls.TLSSocket(raw, {
      isServer: true,
      ALPNProtocols: ["http/1.1"],
      secureContext: contextFor(undefined) ?? bare,
      SNICallback: (serverName, done) => {
        const context = contextFor(serverName || undefined);
        done(context ? null : new Error("no certificate"), context);
      },
    });
    socket.setTimeout(HANDSHAKE_MS, () => socket.destroy());
    socket.on("error", () => socket.destroy());
    socket.once("secure", () => {
      socket.setTimeout(0);
      accepted(socket);
    });
  };
}
