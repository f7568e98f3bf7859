import { action, defineCharm, option } from "charmed-iap/charm";
import { databag, definePeerInterface } from "charmed-iap/interface";
import { oauth } from "charmed-iap/interfaces/oauth/v0";
import { traefikRoute } from "charmed-iap/interfaces/traefik_route/v0";
import * as v from "valibot";

/** Text by key; what is in it, `registration.ts` knows. Keys of the published charm stay as they are. */
const peers = definePeerInterface({ name: "hydra_peers", app: databag(v.record(v.string(), v.string())) });

const list = v.optional(v.array(v.string()));
const clientId = v.pipe(v.string(), v.minLength(1), v.description("Identifier of the client."));

const clientFields = {
  name: v.optional(v.pipe(v.string(), v.description("Name of the client, for people."))),
  contacts: v.pipe(list, v.description("E-mail addresses of those who look after the client.")),
  metadata: v.optional(v.pipe(v.string(), v.description("Metadata: key=value pairs, blank-separated."))),
  audience: v.pipe(list, v.description("Audiences the client may ask for.")),
  "redirect-uris": v.pipe(list, v.description("Where the person may be sent back to.")),
  "client-uri": v.optional(v.pipe(v.string(), v.description("Home page of the client."))),
  "token-endpoint-auth-method": v.optional(
    v.pipe(
      v.picklist(["client_secret_basic", "client_secret_post", "none"]),
      v.description("How the client proves who it is."),
    ),
  ),
};

/** A client as the actions show it. */
const shownClient = v.object({
  "client-id": clientId,
  "client-secret": v.optional(v.pipe(v.string(), v.description("Told once, when the client is made."))),
  ...clientFields,
  metadata: v.optional(v.pipe(v.string(), v.description("JSON object."))),
  "grant-types": list,
  "response-types": list,
  scope: v.optional(v.string()),
  "token-endpoint-auth-method": v.optional(v.string()),
});

const onlyId = v.object({ "client-id": clientId });

const defaulted = {
  "grant-types": v.optional(v.array(v.string()), ["authorization_code"]),
  "response-types": v.optional(v.array(v.string()), ["code"]),
  scope: v.optional(v.array(v.string()), ["openid", "profile", "email", "phone"]),
};

/** What the OpenID provider is. `charmcraft.yaml` is emitted from it. */
export const contract = defineCharm({
  name: "hydra",
  title: "Ory Hydra",
  summary: "OAuth 2.0 and OpenID Connect provider.",
  description:
    "Registers a client for each application related to it, and lets people sign in. Its public endpoints are reached through a gateway.",
  config: {
    log_level: option.oneOf(["panic", "fatal", "error", "warn", "info", "debug", "trace"], {
      default: "info",
      description: "Level of the workload's log.",
    }),
    jwt_access_tokens: option.boolean({
      default: true,
      description: "Issue access tokens as JSON Web Tokens; else opaque ones.",
    }),
    cpu: option.string({ description: "Kubernetes CPU limit of the workload container, 500m for example." }),
    memory: option.string({
      description: "Kubernetes memory limit of the workload container, 1Gi for example.",
    }),
    dev: option.boolean({
      default: false,
      description: "Allow a public URL with plain HTTP. For development only.",
    }),
  },
  requires: {
    "public-route": traefikRoute.requirer({ description: "The gateway in front of the public endpoints." }),
  },
  provides: {
    oauth: oauth.provider({ optional: true, description: "Applications that want a client." }),
  },
  peers: { hydra: peers.peer() },
  containers: {
    hydra: {
      image: "oci-image",
      localImage: "hydra",
      upstreamSource: "ghcr.io/canonical/hydra:26.2.0",
      description: "Ory Hydra.",
    },
  },
  actions: {
    "create-oauth-client": action({
      description: "Register an OAuth 2.0 client.",
      params: v.object({ ...clientFields, ...defaulted }),
      results: shownClient,
    }),
    "get-oauth-client-info": action({
      description: "Show an OAuth 2.0 client.",
      params: onlyId,
      results: shownClient,
    }),
    "update-oauth-client": action({
      description: "Change an OAuth 2.0 client.",
      params: v.object({
        "client-id": clientId,
        ...clientFields,
        "grant-types": list,
        "response-types": list,
        scope: list,
      }),
      results: shownClient,
    }),
    "delete-oauth-client": action({
      description: "Delete an OAuth 2.0 client.",
      params: onlyId,
      results: onlyId,
    }),
    "list-oauth-clients": action({
      description: "List the OAuth 2.0 clients, without their secrets.",
      results: v.object({ clients: v.pipe(v.string(), v.description("JSON list of clients.")) }),
    }),
    "revoke-oauth-client-access-tokens": action({
      description: "End all access tokens of an OAuth 2.0 client.",
      params: onlyId,
      results: onlyId,
    }),
    "rotate-key": action({
      description: "Add a key that signs ID tokens from now on; older ones stay valid.",
      params: v.object({
        algorithm: v.optional(v.picklist(["RS256", "RS512", "ES256", "ES512", "EdDSA"]), "RS256"),
      }),
      results: v.object({ "new-key-id": v.string() }),
    }),
    "reconcile-oauth-clients": action({
      description: "Delete the clients of relations that are gone.",
    }),
  },
  assumes: ["juju >= 3.0.2", "k8s-api"],
});
