import { action, defineCharm, option } from "charmed-iap/charm";
import { databag, definePeerInterface } from "charmed-iap/interface";
import { certificateTransfer } from "charmed-iap/interfaces/certificate_transfer/v1";
import { forwardAuth } from "charmed-iap/interfaces/forward_auth/v0";
import { ingress } from "charmed-iap/interfaces/ingress/v2";
import { tlsCertificates } from "charmed-iap/interfaces/tls-certificates/v1";
import { traefikRoute } from "charmed-iap/interfaces/traefik_route/v0";
import * as v from "valibot";

const peers = definePeerInterface({
  name: "traefik_peers",
  app: databag.json(
    v.object({
      /** Protected application → the relation that last named it. Outlives that relation. */
      protected: v.optional(v.record(v.string(), v.number()), {}),
    }),
  ),
  unit: databag.json(
    v.object({
      /** Where and how this unit last served: what it goes on with while there is no address, or a wrong option. */
      served: v.optional(
        v.object({
          mode: v.picklist(["path", "subdomain"]),
          scheme: v.picklist(["http", "https"]),
          host: v.string(),
          authority: v.string(),
          httpsPort: v.number(),
        }),
      ),
    }),
  ),
});

const endpointsJson = v.pipe(v.string(), v.description("JSON object: application → its URL."));

/** What the gateway is. `charmcraft.yaml` is emitted from it. */
export const contract = defineCharm({
  name: "traefik-k8s",
  title: "Traefik",
  summary: "The gateway: one address, TLS, and a login in front of the applications that want one.",
  description:
    "Routes path or subdomain prefixes to applications, and asks a decision point about each request to a protected one. A route of a protected application is never open: without a decision point it is closed.",
  config: {
    enable_experimental_forward_auth: option.boolean({
      default: false,
      description: "Ask the related decision point. While it is off, protected applications are closed.",
    }),
    external_hostname: option.string({
      description: "Host name to publish, perhaps with a port; default the address of the load balancer.",
    }),
    // These options are checked in reconcile: whatever they say, protection must go on.
    routing_mode: option.string({
      default: "path",
      description: "Whether applications are told apart by path or by subdomain: path or subdomain.",
    }),
    loadbalancer_annotations: option.string({
      description: "Annotations of the LoadBalancer Service: key=value pairs, separated by commas.",
    }),
    basic_auth_user: option.string({
      description: "name:hash (htpasswd) that every route of an application asks for besides.",
    }),
  },
  provides: {
    ingress: ingress.provider({ optional: true, description: "Applications that want a URL." }),
    "traefik-route": traefikRoute.provider({
      optional: true,
      description: "Applications that bring their own routes.",
    }),
  },
  requires: {
    certificates: tlsCertificates.requirer({
      limit: 1,
      optional: true,
      description: "Who signs the gateway's certificate.",
    }),
    "experimental-forward-auth": forwardAuth.requirer({
      limit: 1,
      optional: true,
      description: "The decision point.",
    }),
    "receive-ca-cert": certificateTransfer.requirer({
      limit: 1,
      optional: true,
      description: "CAs that signed the certificates of applications.",
    }),
  },
  peers: { peers: peers.peer() },
  containers: {
    traefik: {
      image: "traefik-image",
      localImage: "traefik",
      upstreamSource: "docker.io/ubuntu/traefik:3.6-26.04_stable",
      description: "Traefik 3.",
      mounts: { configurations: "/opt/traefik/" },
    },
  },
  storage: { configurations: { type: "filesystem", description: "Routes and certificates." } },
  actions: {
    "show-proxied-endpoints": action({
      description: "Show the URL of each application, at the gateway's own address.",
      results: v.object({ "proxied-endpoints": endpointsJson }),
    }),
    "show-external-endpoints": action({
      description: "Show the URL of each application, as it is published.",
      results: v.object({ "external-endpoints": endpointsJson }),
    }),
    "release-protection": action({
      description:
        "Stop protecting an application whose decision point is gone for good. Its route opens at once.",
      params: v.object({
        application: v.pipe(v.string(), v.minLength(1), v.description("Name of the application.")),
      }),
      results: v.object({ released: v.pipe(v.string(), v.description("Name of the application.")) }),
    }),
  },
  assumes: ["k8s-api"],
});
