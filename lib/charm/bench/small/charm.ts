import { active } from "charmed-iap/charm";
import { contract } from "./contract.ts";

export default contract.implement({
  async reconcile({ app, model, config, relations: { database, site }, containers }) {
    site.publish({ host: `${app}.${model}.svc.cluster.local`, port: `${config.port}` });
    if (database.state !== "ready") return database.status;
    if (site.state !== "ready") return site.status;
    await containers.web.apply({
      services: {
        web: {
          command: "/bin/web",
          environment: {
            PORT: `${config.port}`,
            LOG_LEVEL: config["log-level"],
            DATABASE: `${database.data.endpoints}/${database.data.database}`,
            URL: site.data.url,
          },
        },
      },
    });
    return active();
  },
});
