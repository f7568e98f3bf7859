import { cookieSecret } from "../session/cookie-secret.ts";
import { packLz4 } from "../session/lz4.ts";
import { signValue } from "../session/signed-value.ts";
import { createUpstreamFormat } from "../session/upstream-format.ts";

/** Name of the session cookie. */
export const NAME = "_oauth2_proxy";
/** A cookie secret, and the key of the first cookie below. */
export const SECRET = "0123456789abcdef0123456789abcdef";
/** A record as oauth2-proxy wrote it. */
export const RECORD = Buffer.from(
  "8aa26361d6ff6553f100a2656fd7ff1d6f34546553ff10a26174a26174a26974a26974a27274a27274a16ec403010203a165b075736572406578616d706c652e636f6da175a57375622d31a16792a161a162a27075a475736572",
  "hex",
);
/** Cookies as oauth2-proxy wrote them, by their secret. */
export const COOKIES = {
  [SECRET]:
    "AAECAwQFBgcICQoLDA0OD_fzmzTo1oOx9wuH89s6DbhpkBumqsR0-BKXtIB2J7A-qm8Xd6OtKFjmck5NnDl7OhwIwDO5ko_hyJBgxbx7mbWySpiHnHtQOSypMU1dg_AkUvicc14nXqJktTnEmAkDMJ5LH-lAzJ38Khcr8j0=|1700000000|uad-eShnSCwXoAeUCvp-RRt-NxdzPtKoX08ST4haKkI=",
  "not-base64!not-base64!not-base6!":
    "AAECAwQFBgcICQoLDA0ODy0-ZkMM2pePDZ0dDX46cegQrGF6kELCuIQe5xGTFbiADstNq_8zbwJ5WTeYx5rHAlrQJnm82lAI1ZVwDdZQqCIgKeCmVSvEd2e8SPInmXapg6ewjI094Rdwsx14f1F6-EG5f9RwjxZXjoD4yuY=|1700000000|hcW3pin9m0r0Aq-5IgzA1br8NAElk5hmC51oyW0LcnA=",
};
/** The format under a secret. */
export const formatOf = (secret = SECRET, minimal = false) =>
  createUpstreamFormat({ name: NAME, secrets: [cookieSecret(secret)], minimal });
/** The format under {@link SECRET}. */
export const format = formatOf();
/** The cookie under {@link SECRET}. */
export const valid = COOKIES[SECRET] as string;

/** A record under a right signature. */
export function signed(
  record: Uint8Array,
  { name = NAME, frame = packLz4(record), time = 1_700_000_000 } = {},
): string {
  const { signing, encrypt } = cookieSecret(SECRET);
  return signValue(signing, name, encrypt(frame), time);
}
