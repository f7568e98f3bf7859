import { defineCharm, option } from "charmed-iap/charm";
import { databag, defineInterface } from "charmed-iap/interface";
import * as v from "valibot";

const database = defineInterface({
  name: "bench_database",
  version: 0,
  provider: databag(v.object({ endpoints: v.string(), database: v.string() })),
  requirer: databag(v.object({ database: v.string() })),
});

const site = defineInterface({
  name: "bench_site",
  version: 0,
  provider: databag(v.object({ url: v.string() })),
  requirer: databag(v.object({ host: v.string(), port: v.string() })),
});

/** The small charm of the benchmark; `small-ops/charm.py` is the same one for ops. */
export const contract = defineCharm({
  name: "small",
  summary: "What an ordinary hook does.",
  config: {
    port: option.int({ default: 8080, description: "Where the service listens." }),
    "log-level": option.string({ default: "info", description: "How much the service logs." }),
  },
  requires: { database: database.requirer({ limit: 1 }), site: site.requirer({ limit: 1 }) },
  containers: { web: { image: "web-image" } },
});
