import assert from "node:assert/strict";
import { readKeySet } from "../provider/keys.ts";
import { readMetadata } from "../provider/metadata.ts";
import { Outgoing } from "../provider/outgoing.ts";
import { fuzz, hostileText } from "./run.ts";

const outgoing = new Outgoing({
  ...{ caFiles: [], useSystemTrustStore: false, certificateFile: "", keyFile: "", insecure: false },
});
const rules = {
  issuer: "https://idp.example",
  skipIssuer: false,
  allows: (url: string) => outgoing.allows(url),
  hosts: ["login.idp.example"],
};

const URLS = [
  "https://idp.example/x",
  "https://login.idp.example/x",
  "http://idp.example/x",
  "https://169.254.169.254/",
];
const PIECES = [
  ...[
    '{"issuer":"https://idp.example"',
    '{"issuer":"https://evil.example"',
    ",",
    "}",
    '{"keys":[',
    "]}",
    "{",
    "[",
    "]",
  ],
  ...["authorization", "token", "userinfo", "end_session"].flatMap((name) =>
    [...URLS, "file:///etc/passwd", "https://evil.example", ""].map((url) => `,"${name}_endpoint":"${url}"`),
  ),
  ...[
    ',"jwks_uri":"https://idp.example/jwks"',
    ',"jwks_uri":5',
    ',"code_challenge_methods_supported":["S256",5]',
  ],
  ...[
    '{"kty":"RSA","n":"AQAB","e":"AQAB"}',
    '{"kty":"oct","k":"AA"}',
    '{"kty":"EC","use":"enc"}',
    '"__proto__":{}',
    "null",
  ],
];

const ENDPOINTS = [
  "authorizationEndpoint",
  "tokenEndpoint",
  "userinfoEndpoint",
  "jwksUri",
  "endSessionEndpoint",
  "revocationEndpoint",
  "introspectionEndpoint",
] as const;

fuzz(
  (random) => hostileText(random, PIECES, 10),
  (input) => {
    const metadata = readMetadata(input, rules);
    if (typeof metadata !== "string") {
      assert.equal(metadata.issuer, "https://idp.example");
      for (const name of ENDPOINTS) {
        const url = metadata[name];
        assert(
          url === "" || ["idp.example", "login.idp.example"].includes(new URL(url).host),
          `${name} ${url}`,
        );
        assert(url === "" || url.startsWith("https:"));
      }
    }
    for (const key of readKeySet(input) ?? [])
      assert(["RSA", "EC", "OKP"].includes(key.kty ?? "") && key.use !== "enc");
  },
);
