import type { CookieSecret } from "./cookie-secret.ts";
import type { FormatReading, SessionFormat } from "./format.ts";
import { packLz4, unpackLz4 } from "./lz4.ts";
import { readRecord, writeRecord } from "./record.ts";
import type { Session } from "./session.ts";
import { readSigned, signValue } from "./signed-value.ts";

/** What makes and reads oauth2-proxy's cookies. */
export interface UpstreamFormatOptions {
  /** Name of the session cookie; the signature covers it. */
  readonly name: string;
  /** The first one writes; all read. */
  readonly secrets: readonly [CookieSecret, ...CookieSecret[]];
  /** True: tokens stay out of the cookie (`session_cookie_minimal`). */
  readonly minimal: boolean;
}

function withoutTokens(session: Session): Session {
  const { accessToken: _, idToken: __, refreshToken: ___, ...rest } = session;
  return rest;
}

/**
 * oauth2-proxy's session cookie: record, LZ4 frame, AES-CFB, signed.
 *
 * Nothing is decrypted or unpacked before the signature was checked.
 *
 * @see oauth2-proxy/oauth2-proxy: pkg/sessions/cookie/session_store.go, pkg/apis/sessions/session_state.go
 */
export function createUpstreamFormat({ name, secrets, minimal }: UpstreamFormatOptions): SessionFormat {
  const keys = secrets.map(({ signing }) => signing);
  return {
    write(session) {
      const [{ signing, encrypt }] = secrets;
      const packed = packLz4(writeRecord(minimal ? withoutTokens(session) : session));
      return signValue(signing, name, encrypt(packed), Math.floor(session.refreshedAt / 1000));
    },
    read(value): FormatReading | undefined {
      const signed = readSigned(keys, name, value);
      const secret = signed === undefined ? undefined : secrets[signed.key];
      if (signed === undefined || secret === undefined) return undefined;
      const packed = secret.decrypt(signed.payload);
      const record = packed === undefined ? undefined : unpackLz4(packed);
      const savedAt = signed.time * 1000;
      const session = record === undefined ? undefined : readRecord(record, savedAt);
      return session === undefined ? undefined : { session, savedAt };
    },
  };
}
