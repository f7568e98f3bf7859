import { active, defineCharm } from "charmed-iap/charm";
import { authProxy, forwardAuth, ingress, oauth } from "./interfaces.ts";

// The least a charm can do and still keep its side of the contract.

export const hydra = defineCharm({
  name: "hydra",
  summary: "OpenID provider",
  provides: { oauth: oauth.provider({ optional: true }) },
}).implement({
  reconcile({ relations }) {
    for (const { id, publish } of relations.oauth.ready) {
      publish({ issuer_url: "https://id.test", client_id: `c${id}`, client_secret_id: "secret:1" });
    }
    return active();
  },
});

export const traefik = defineCharm({
  name: "traefik",
  summary: "Gateway",
  provides: { ingress: ingress.provider({ optional: true }) },
  requires: { auth: forwardAuth.requirer({ limit: 1, optional: true }) },
}).implement({
  reconcile({ relations: { ingress, auth } }) {
    for (const { publish } of ingress.ready) publish({ ingress: { url: "https://auth.test/" } });
    auth.publish({ ingress_app_names: ["grafana"] });
    return active(auth.state === "ready" ? `checks ${auth.data.app_names.join(", ")}` : "");
  },
});

export const grafana = defineCharm({
  name: "grafana",
  summary: "A protected application",
  requires: { auth: authProxy.requirer({ limit: 1 }) },
}).implement({
  reconcile({ relations: { auth } }) {
    auth.publish({ protected_urls: ["https://grafana.test/"] });
    return active();
  },
});
