import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { readCompact } from "../provider/compact.ts";
import { TokenError, TokenVerifier } from "../provider/verifier.ts";
import { fuzz, hostileText } from "./run.ts";

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const NOW = 1_700_000_000;
const GOOD = `{"iss":"https://idp.example","aud":"client","sub":"ada","exp":${NOW + 600}}`;

const verifier = new TokenVerifier({
  issuer: "https://idp.example",
  skipIssuer: false,
  algorithms: () => ["RS256"],
  keys: { find: async () => [publicKey] },
  audienceClaims: ["aud"],
  audiences: ["client"],
  now: () => NOW * 1000,
});

const encode = (text: string) => Buffer.from(text).toString("base64url");
const token = (header: string, payload: string) => {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${sign("sha256", Buffer.from(input), privateKey).toString("base64url")}`;
};

const PIECES = [
  ...[
    '{"alg":"RS256"}',
    '{"alg":"none"}',
    '{"alg":"RS256","kid":"k"',
    ',"crit":["x"]',
    ',"typ":"JWT"',
    "}",
    "{",
    "[",
  ],
  ...[
    GOOD,
    '"iss":"https://idp.example"',
    '"iss":"https://evil.example"',
    '"aud":["client"',
    '"aud":"other"',
    ",",
  ],
  ...[
    `"exp":${NOW + 600}`,
    '"exp":1e400',
    '"exp":"x"',
    '"sub":"ada"',
    '"sub":5',
    '"__proto__":{}',
    "\ufeff",
    "\u0000",
    "]",
  ],
];

const SEPARATOR = "\u001e";

fuzz(
  (random) => {
    const header = random() < 0.5 ? '{"alg":"RS256"}' : hostileText(random, PIECES, 6);
    const payload = random() < 0.2 ? GOOD : hostileText(random, PIECES, 8);
    return `${header}${SEPARATOR}${payload}`;
  },
  async (input) => {
    const [header = "", payload = ""] = input.split(SEPARATOR);
    for (const text of [input, token(header, payload)]) {
      const read = readCompact(text);
      if (read !== undefined)
        assert(Object.getPrototypeOf({}) === Object.prototype && typeof read.algorithm === "string");
      try {
        const { claims, expiresOn } = await verifier.verify(text, "bearer");
        assert.equal(claims["iss"], "https://idp.example");
        assert([claims["aud"]].flat().includes("client"));
        assert(typeof claims["sub"] === "string" && expiresOn > NOW * 1000 && Number.isFinite(expiresOn));
      } catch (error) {
        if (!(error instanceof TokenError)) throw error;
      }
    }
  },
);
