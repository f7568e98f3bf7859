import { active, blocked, waiting } from "charmed-iap/charm";
import { contract } from "./contract.ts";
import { callbackUrl, PORT, plan, revoke, split } from "./workload.ts";

export default contract.implement({
  /** Runs after every event. Reads what is, writes what should be, and says how that went. */
  async reconcile({ app, model, config, relations, containers }) {
    const { ingress, oauth } = relations;
    if (config["session-ttl"] < 60) return blocked("config: session-ttl must be at least 60");

    ingress.publish({ name: app, model, port: PORT });
    if (ingress.state !== "ready") return ingress.status;

    oauth.publish({
      redirect_uri: callbackUrl(ingress.data.ingress.url),
      scope: "openid email",
      grant_types: ["authorization_code"],
    });
    if (oauth.state !== "ready") return oauth.status;

    await containers.proxy.apply(
      plan({
        issuer: oauth.data.issuer_url,
        clientId: oauth.data.client_id,
        ttl: config["session-ttl"],
        domain: config["cookie-domain"],
      }),
    );

    const clients = relations["auth-proxy"].ready;
    const asked = clients.map((client) => client.remoteApp);
    // Every protected application, routed or not: a gateway must know before it makes the route.
    relations["forward-auth"].publish({
      decisions_address: `http://${app}.${model}.svc.cluster.local:${PORT}`,
      app_names: asked,
      headers: [...new Set(clients.flatMap((client) => client.data.headers))],
    });
    const routes = relations["forward-auth"].ready.flatMap((gateway) => gateway.data.ingress_app_names);
    const { unrouted } = split(asked, routes);
    return unrouted.length === 0 ? active() : waiting(`no gateway routes to ${unrouted.join(", ")}`);
  },

  actions: {
    async "revoke-sessions"(_ctx, { subject }) {
      return { revoked: await revoke(`http://localhost:${PORT}`, subject) };
    },
  },
});
