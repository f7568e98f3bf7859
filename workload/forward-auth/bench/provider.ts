/**
 * An OpenID provider for benchmarks, a process of its own: discovery, keys, and a token endpoint that rotates refresh tokens, detects
 * their reuse, takes codes of the form `<user>.<nonce>`, and answers as late as it is told. It tells its counts at `/counts` and takes `POST /delay?ms=`.
 *
 * Usage: `node provider.ts PORT`
 */
import { createHash, createPublicKey, type KeyObject, sign } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import { CLIENT_ID, signingKeys } from "./tokens.ts";

const port = Number(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;
const { rsa, ec } = signingKeys();
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

const METADATA = {
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/jwks`,
  userinfo_endpoint: `${issuer}/userinfo`,
  response_types_supported: ["code"],
  subject_types_supported: ["public"],
  id_token_signing_alg_values_supported: ["RS256", "ES256"],
  code_challenge_methods_supported: ["S256"],
};
const jwk = (key: KeyObject, kid: string, alg: string) => ({
  ...createPublicKey(key).export({ format: "jwk" }),
  kid,
  alg,
  use: "sig",
});
const JWKS = { keys: [jwk(rsa, "rsa", "RS256"), jwk(ec, "ec", "ES256")] };

let delay = 0;
const counts = { refreshes: 0, reused: 0, others: 0 };
/** Refresh tokens that were used. */
const used = new Set<string>();

/** `rt-<user>-<generation>` → the next one, or undefined when it was used before. */
function rotate(token: string): { readonly user: string; readonly next: string } | undefined {
  const [, user = "", generation = "0"] = /^rt-(\d+)-(\d+)/.exec(token) ?? [];
  if (used.has(token) || user === "") return undefined;
  used.add(token);
  return { user, next: `rt-${user}-${Number(generation) + 1}`.padEnd(94, "x") };
}

function idToken(user: string, nonce = ""): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: issuer,
    aud: CLIENT_ID,
    sub: `0190c0de-0000-7000-8000-00000${user}`,
    email: `user-${user}@example.com`,
    email_verified: true,
    preferred_username: `user-${user}`,
    groups: ["dev", "ops"],
    iat: now,
    exp: now + 3600,
    ...(nonce === "" ? {} : { nonce }),
  };
  const text = `${encode({ alg: "RS256", typ: "JWT", kid: "rsa" })}.${encode(claims)}`;
  return `${text}.${sign("sha256", Buffer.from(text), rsa).toString("base64url")}`;
}

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  let text = "";
  for await (const chunk of request) text += chunk;
  return new URLSearchParams(text);
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

async function token(request: IncomingMessage): Promise<Answer> {
  const form = await formOf(request);
  if (form.get("grant_type") !== "refresh_token") {
    counts.others++;
    return codeAnswer(form.get("code") ?? "");
  }
  counts.refreshes++;
  const rotated = rotate(form.get("refresh_token") ?? "");
  if (rotated === undefined) counts.reused++;
  if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
  if (rotated === undefined) return { status: 400, body: { error: "invalid_grant" } };
  return tokens(rotated.next, idToken(rotated.user));
}

function tokens(refreshToken: string, signed: string): Answer {
  const accessToken = createHash("sha512").update(refreshToken).digest("base64url").padEnd(94, "x");
  return {
    status: 200,
    body: {
      access_token: accessToken,
      token_type: "Bearer",
      expires_in: 3600,
      refresh_token: refreshToken,
      id_token: signed,
    },
  };
}

/** A code says itself who signs in, and with which nonce. */
function codeAnswer(code: string): Answer {
  const [, user, nonce] = /^(\d+)\.([\w-]*)$/.exec(code) ?? [];
  if (user === undefined) return { status: 400, body: { error: "invalid_grant" } };
  return tokens(`rt-${user}-1`.padEnd(94, "x"), idToken(user, nonce));
}

async function answer(request: IncomingMessage): Promise<Answer> {
  const url = new URL(request.url ?? "/", issuer);
  switch (url.pathname) {
    case "/.well-known/openid-configuration":
      return { status: 200, body: METADATA };
    case "/jwks":
      return { status: 200, body: JWKS };
    case "/token":
      return token(request);
    case "/counts":
      return { status: 200, body: counts };
    case "/delay":
      delay = Number(url.searchParams.get("ms"));
      Object.assign(counts, { refreshes: 0, reused: 0, others: 0 });
      return { status: 200, body: {} };
    default:
      return { status: 404, body: {} };
  }
}

const server = createServer((request, response) => {
  void answer(request).then(({ status, body }) => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
});
server.listen(port, "127.0.0.1");
process.once("SIGTERM", () => process.exit(0));
