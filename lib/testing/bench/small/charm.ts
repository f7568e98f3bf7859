/**
 * The small charm of the benchmark; `charm.py` is the same one, written for ops. It reads its options and two
 * remote application databags, publishes host and port, and keeps one service running.
 */

import { active, defineCharm, option } from "charmed-iap/charm";
import { databag, defineInterface } from "charmed-iap/interface";
import * as v from "valibot";

const database = defineInterface({
  name: "small_database",
  version: 0,
  provider: databag(v.object({ endpoint: v.string(), user: v.string() })),
  requirer: {},
});

const website = defineInterface({
  name: "small_website",
  version: 0,
  provider: databag(v.object({ host: v.string(), port: v.string() })),
  requirer: {},
});

const contract = defineCharm({
  name: "small",
  summary: "The least that is a whole charm.",
  config: {
    "log-level": option.string({ default: "info", description: "Level of the log." }),
    port: option.int({ default: 8080, description: "Port to listen on." }),
  },
  requires: { database: database.requirer({ limit: 1 }), cache: database.requirer({ limit: 1 }) },
  provides: { website: website.provider({ optional: true }) },
  containers: { web: { image: "web-image" } },
});

export default contract.implement({
  async reconcile({ app, model, config, relations, containers }) {
    const { database, cache, website } = relations;
    website.publish({ host: `${app}.${model}.svc.cluster.local`, port: String(config.port) });
    if (database.state !== "ready") return database.status;
    if (cache.state !== "ready") return cache.status;
    await containers.web.apply({
      services: {
        web: {
          command: `/bin/web --port ${config.port}`,
          environment: {
            LOG_LEVEL: config["log-level"],
            DATABASE: `${database.data.user}@${database.data.endpoint}`,
            CACHE: `${cache.data.user}@${cache.data.endpoint}`,
          },
        },
      },
    });
    return active();
  },
});
