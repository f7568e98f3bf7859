import { active, worst } from "charmed-iap/charm";
import { contract } from "./contract.ts";
import { list, PORT, plan } from "./workload.ts";

export default contract.implement({
  /** Asks for protection first and for a route second; takes the route back when the protection goes. */
  async reconcile({ app, model, unit, config, relations, containers, network, setPorts }) {
    const { ingress } = relations;
    const proxy = relations["auth-proxy"];
    setPorts(PORT);

    if (proxy.state === "missing") ingress.withdraw();
    else
      ingress.publish({ model, name: app, port: PORT, "strip-prefix": true, "require-forward-auth": true });
    const number = unit.slice(unit.lastIndexOf("/") + 1);
    const { bindAddress } = await network("ingress");
    ingress.publishUnit({
      host: `${app}-${number}.${app}-endpoints.${model}.svc.cluster.local`,
      ...(bindAddress === undefined ? {} : { ip: bindAddress }),
    });

    proxy.publish({
      protected_urls: ingress.state === "ready" ? [ingress.data.ingress.url] : [],
      headers: ["X-Auth-Request-User", "X-Auth-Request-Email", "X-Auth-Request-Groups"],
      allowed_endpoints: list(config.allowed_endpoints),
      authenticated_emails: list(config.authenticated_emails),
      authenticated_email_domains: list(config.authenticated_email_domains),
      app_name: app,
    });

    await containers.whoami.apply(plan());
    return worst([proxy.status, ingress.status, active()]);
  },
});
