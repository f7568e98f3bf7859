/** Certificates of listeners, read again when their files change. */
import { createSecureContext, type SecureContextOptions, type Server } from "node:tls";
import { type SecretReader, Secrets } from "../identity/secrets.ts";
import type { Log } from "../log/log.ts";
import type { TlsSettings } from "../options/structure.ts";
import { cipherList } from "./cipher-suites.ts";

const VERSIONS = { "": "TLSv1.2", "TLS1.2": "TLSv1.2", "TLS1.3": "TLSv1.3" } as const;

/** The TLS side of a listener. */
export class ListenerTls {
  readonly #secrets: Secrets;
  readonly #key: SecretReader;
  readonly #cert: SecretReader;
  readonly #clientCa: SecretReader | undefined;
  readonly #fixed: SecureContextOptions;

  /** @throws {RangeError} When a file, a version or a cipher suite is none. */
  constructor(settings: TlsSettings, environment: Readonly<Record<string, string | undefined>>) {
    this.#secrets = new Secrets(environment);
    this.#key = this.#secrets.reader(settings.key);
    this.#cert = this.#secrets.reader(settings.cert);
    this.#clientCa = settings.clientCa && this.#secrets.reader(settings.clientCa);
    const minVersion = Object.hasOwn(VERSIONS, settings.minVersion)
      ? VERSIONS[settings.minVersion]
      : undefined;
    if (minVersion === undefined)
      throw new RangeError(`Cannot read TLS version "${settings.minVersion}": should be TLS1.2 or TLS1.3`);
    this.#fixed = {
      minVersion,
      maxVersion: "TLSv1.3",
      ciphers: cipherList(settings.cipherSuites),
      honorCipherOrder: true,
    };
    this.#check();
  }

  /** What a server is made with now. */
  get options(): SecureContextOptions {
    const ca = this.#clientCa?.();
    return { ...this.#fixed, key: this.#key(), cert: this.#cert(), ...(ca === undefined ? {} : { ca }) };
  }

  /** Whether clients must show a certificate, as options of a server; empty when they need none. */
  get clients(): { readonly requestCert?: true; readonly rejectUnauthorized?: true } {
    return this.#clientCa === undefined ? {} : { requestCert: true, rejectUnauthorized: true };
  }

  /** A file of CAs without any would be as good as none to OpenSSL, which then knows nobody. */
  #check(): void {
    const ca = this.#clientCa?.();
    if (ca !== undefined && !ca.includes("-----BEGIN CERTIFICATE-----"))
      throw new RangeError("Cannot use CAs of clients: there is no certificate in the file");
    checked(() => createSecureContext(this.options));
  }

  /**
   * Gives the server its new certificate when the files change. While key and certificate do not fit together, or one cannot be
   * read, the old ones stay.
   *
   * @param interval Milliseconds between looks at the files.
   */
  watch(server: Pick<Server, "setSecureContext">, log: Log, interval: number): void {
    this.#secrets.onChange(() => {
      try {
        this.#check();
        server.setSecureContext(this.options);
        log.info("certificate of the listener read again");
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        log.error("certificate of the listener not changed", { reason: error.message });
      }
    });
    this.#secrets.watch(interval);
  }

  /** Looks at the files now. */
  check(): void {
    this.#secrets.check();
  }

  close(): void {
    this.#secrets.close();
  }
}

/** OpenSSL's words tell nothing secret, but are no configuration fault yet. */
function checked(create: () => unknown): void {
  try {
    create();
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    throw new RangeError(`Cannot use certificate and key of the listener: ${code || message}`);
  }
}
