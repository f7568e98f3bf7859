import * as v from "valibot";
import { action, defineCharm, option } from "charmed-iap/charm";
import { authProxy, forwardAuth, ingress, oauth } from "./interfaces.ts";

/** Everything Juju needs to know before any of our code runs. `charmcraft.yaml` is emitted from it. */
export const contract = defineCharm({
  name: "forward-auth-k8s",
  summary: "Ask an OpenID provider who is calling, on a gateway's behalf.",
  config: {
    "cookie-domain": option.string({ description: "Domain of the session cookie." }),
    "session-ttl": option.int({ default: 3600, description: "Session lifetime, in seconds." }),
    "same-site": option.oneOf(["lax", "strict"], {
      default: "lax",
      description: "SameSite attribute of the session cookie.",
    }),
  },
  requires: {
    oauth: oauth.requirer({ limit: 1 }),
    ingress: ingress.requirer({ limit: 1 }),
  },
  provides: {
    "auth-proxy": authProxy.provider({ optional: true }),
    "forward-auth": forwardAuth.provider({ optional: true }),
  },
  containers: { proxy: { image: "proxy-image" } },
  actions: {
    "revoke-sessions": action({
      description: "End every session of one user.",
      params: v.object({ subject: v.pipe(v.string(), v.minLength(1)) }),
    }),
  },
});
