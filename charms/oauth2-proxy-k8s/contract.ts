import { action, defineCharm, option } from "charmed-iap/charm";
import { definePeerInterface } from "charmed-iap/interface";
import { authProxy } from "charmed-iap/interfaces/auth_proxy/v0";
import { certificateTransfer } from "charmed-iap/interfaces/certificate_transfer/v1";
import { forwardAuth } from "charmed-iap/interfaces/forward_auth/v0";
import { ingress } from "charmed-iap/interfaces/ingress/v2";
import { oauth } from "charmed-iap/interfaces/oauth/v0";
import * as v from "valibot";

const peers = definePeerInterface({ name: "oauth2_proxy_peers" });

/** What the decision point is. `charmcraft.yaml` is emitted from it. */
export const contract = defineCharm({
  name: "oauth2-proxy-k8s",
  title: "OAuth2 Proxy",
  summary: "Asks an OpenID provider who is calling, on a gateway's behalf.",
  description:
    "The decision point of the Identity and Access Proxy. A gateway asks it about each request to a protected application; it answers who is signed in, sends the person to the provider, or refuses. Each application has its own rules.",
  config: {
    dev: option.boolean({
      default: false,
      description: "Do not verify the TLS certificate of the OpenID provider. For development only.",
    }),
    cpu: option.string({ description: "Kubernetes CPU limit of the workload container, 500m for example." }),
    memory: option.string({
      description: "Kubernetes memory limit of the workload container, 1Gi for example.",
    }),
    enable_jwt_bearer_tokens: option.boolean({
      default: false,
      description: "Also accept requests that carry a valid JSON Web Token of the provider as bearer token.",
    }),
    set_authorization_header: option.boolean({
      default: false,
      description: "Add the ID token as Authorization: Bearer to the answer that lets a request through.",
    }),
  },
  requires: {
    ingress: ingress.requirer({ optional: true, description: "The public route to the sign-in endpoints." }),
    oauth: oauth.requirer({ limit: 1, optional: true, description: "A client of the OpenID provider." }),
    "receive-ca-cert": certificateTransfer.requirer({
      limit: 1,
      optional: true,
      description: "CAs that signed the provider's certificate.",
    }),
  },
  provides: {
    "auth-proxy": authProxy.provider({
      optional: true,
      description: "Applications to protect, with their rules.",
    }),
    "forward-auth": forwardAuth.provider({ optional: true, description: "Gateways that ask for decisions." }),
  },
  peers: { "oauth2-proxy": peers.peer() },
  containers: {
    "oauth2-proxy": {
      image: "oauth2-proxy-image",
      localImage: "forward-auth",
      upstreamSource: "ghcr.io/charmed-iap/forward-auth:latest",
      description: "The decision point; the published oauth2-proxy image starts too, and lets nobody in.",
    },
  },
  actions: {
    "get-extra-jwt-issuers": action({
      description: "Show the issuer and audience of the bearer tokens that are accepted.",
      results: v.object({
        "extra-jwt-issuers": v.pipe(
          v.array(v.object({ "oidc-issuer-url": v.string(), audience: v.string() })),
          v.description("JSON list of issuers, each with its audience."),
        ),
      }),
    }),
  },
  assumes: ["juju >= 3.4", "k8s-api"],
});
