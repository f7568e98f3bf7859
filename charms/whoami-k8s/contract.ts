import { defineCharm, option } from "charmed-iap/charm";
import { authProxy } from "charmed-iap/interfaces/auth_proxy/v0";
import { ingress } from "charmed-iap/interfaces/ingress/v2";

/** What the sample application is. `charmcraft.yaml` is emitted from it. */
export const contract = defineCharm({
  name: "whoami-k8s",
  title: "whoami",
  summary: "A sample application without a login of its own: shows the request it received.",
  description:
    "Shows the headers of each request, and who the proxy in front says is calling. It asks for a route only once it is related to a proxy, so it is never reachable without one.",
  config: {
    allowed_endpoints: option.string({
      description: "Paths below the application that need no login, separated by commas.",
    }),
    authenticated_emails: option.string({
      description:
        "E-mail addresses of those who may pass, separated by commas; none of both means everyone who signs in.",
    }),
    authenticated_email_domains: option.string({
      description: "E-mail domains of those who may pass, separated by commas.",
    }),
  },
  requires: {
    ingress: ingress.requirer({ limit: 1, description: "The route to the application." }),
    "auth-proxy": authProxy.requirer({ limit: 1, description: "The login in front of the application." }),
  },
  containers: {
    whoami: {
      image: "whoami-image",
      localImage: "whoami",
      upstreamSource: "ghcr.io/charmed-iap/whoami:latest",
      description: "The application.",
    },
  },
  assumes: ["k8s-api"],
});
