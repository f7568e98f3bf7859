import { databag } from "charmed-iap/interface";
import * as v from "valibot";
import { demand, httpUrl, line } from "../../checks.ts";
import { jsonList, looseBoolean, looseText } from "../../codecs.ts";

/** How a client may get tokens. */
export const GRANT_TYPES = [
  "authorization_code",
  "refresh_token",
  "client_credentials",
  "urn:ietf:params:oauth:grant-type:device_code",
] as const;

/** How a client proves who it is at the token endpoint. */
export const TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"] as const;

const text = v.pipe(v.string(), v.minLength(1, "must not be empty"));

/** Written by the client. */
const requirer = v.pipe(
  v.object({
    /** Where the provider sends the browser back to; with `authorization_code` it must be there. */
    redirect_uri: v.optional(httpUrl()),
    /** Scopes, separated by blanks. */
    scope: text,
    grant_types: v.array(v.picklist(GRANT_TYPES, `must be one of ${GRANT_TYPES.join(", ")}`)),
    audience: v.optional(v.array(v.string()), []),
    token_endpoint_auth_method: v.optional(v.picklist(TOKEN_ENDPOINT_AUTH_METHODS), "client_secret_basic"),
    /** What a client wants to be called; providers choose the identifier themselves. */
    client_id: v.optional(text),
  }),
  v.forward(
    v.check(
      (client) => client.redirect_uri !== undefined || !client.grant_types.includes("authorization_code"),
      "must be there with authorization_code",
    ),
    ["redirect_uri"],
  ),
);

/** Juju: secret identifiers are 20 letters and digits, alone or in a URI, across models with the model's UUID. */
const secretId = v.pipe(
  v.string(),
  v.regex(/^(secret:)?((\/\/)?[0-9a-f-]{36}\/)?[0-9a-z]{20}$/, "must be the URI of a secret"),
);

const information = v.object({
  issuer_url: httpUrl(),
  authorization_endpoint: httpUrl(),
  token_endpoint: httpUrl(),
  introspection_endpoint: httpUrl(),
  userinfo_endpoint: httpUrl(),
  jwks_endpoint: httpUrl(),
  /** Scopes that the provider offers, separated by blanks. */
  scope: text,
  /** Whether access tokens are JWTs. */
  jwt_access_token: v.optional(v.boolean(), false),
  /** Name of the claim that lists groups. */
  groups: v.optional(line()),
  /** Certificates, in PEM, that the endpoints' certificates lead to. */
  ca_chain: v.optional(v.array(v.string()), []),
  /** Identifier of the client; comes after registration. */
  client_id: v.optional(line()),
  /** URI of the secret that holds the client secret as `secret`; comes after registration. */
  client_secret_id: v.optional(secretId),
});

/** Written by the provider. */
const provider = v.pipe(
  information,
  demand<v.InferOutput<typeof information>, "client_id" | "client_secret_id">(
    "client_id",
    "client_secret_id",
  ),
);

/** The client's application databag. */
export const requirerApp = databag(requirer, {
  codecs: {
    redirect_uri: looseText,
    scope: looseText,
    grant_types: jsonList,
    audience: jsonList,
    token_endpoint_auth_method: looseText,
    client_id: looseText,
  },
  fill: { audience: [], token_endpoint_auth_method: "client_secret_basic" },
});

/** The provider's application databag. */
export const providerApp = databag(provider, {
  codecs: {
    issuer_url: looseText,
    authorization_endpoint: looseText,
    token_endpoint: looseText,
    introspection_endpoint: looseText,
    userinfo_endpoint: looseText,
    jwks_endpoint: looseText,
    scope: looseText,
    jwt_access_token: looseBoolean,
    groups: looseText,
    ca_chain: jsonList,
    client_id: looseText,
    client_secret_id: looseText,
  },
  omit: { ca_chain: [] },
  fill: { jwt_access_token: false },
  awaits: ["client_id", "client_secret_id"],
});
