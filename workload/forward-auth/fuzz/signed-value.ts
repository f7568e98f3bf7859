import assert from "node:assert/strict";
import { createUpstreamLoginFormat } from "../login/record.ts";
import { cookieSecret } from "../session/cookie-secret.ts";
import { readPaddedBase64, readSigned } from "../session/signed-value.ts";
import { createUpstreamFormat } from "../session/upstream-format.ts";
import { mutated } from "./mutate.ts";
import { fuzz } from "./run.ts";

const NAME = "_oauth2_proxy";
const secret = cookieSecret("0123456789abcdef0123456789abcdef");
const sessions = createUpstreamFormat({ name: NAME, secrets: [secret], minimal: false });
const logins = createUpstreamLoginFormat([secret]);
const session = sessions.write({
  id: "AAAAAAAAAAAAAAAAAAAAAA",
  issuer: "",
  subject: "s",
  email: "",
  preferredUsername: "",
  groups: [],
  createdAt: 1_700_000_000_000,
  refreshedAt: 1_700_000_000_000,
});
const random32 = new Uint8Array(32).fill(1);
const login = logins.write(
  { state: random32, nonce: random32, startedAt: 1_700_000_000_000 },
  `${NAME}_csrf`,
);
const valid = new Set([session, login]);

fuzz(
  (random) => mutated(random, Buffer.from(random() < 0.5 ? session : login)),
  (input) => {
    assert.equal(
      valid.has(input) || readSigned([secret.signing], NAME, input) === undefined,
      true,
      "another text under our signature",
    );
    if (input !== session) assert.equal(sessions.read(input), undefined);
    if (input !== login) assert.equal(logins.read(input, `${NAME}_csrf`), undefined);
    const bytes = readPaddedBase64(input);
    if (bytes === undefined) return;
    const text = bytes.toString("base64").replaceAll("+", "-").replaceAll("/", "_");
    assert.equal(text, input, "two spellings of the same bytes");
  },
);
