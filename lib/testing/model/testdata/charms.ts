import { action, active, blocked, defineCharm, option, waiting } from "charmed-iap/charm";
import { databag, defineInterface } from "charmed-iap/interface";
import * as v from "valibot";

/** The provider shares a secret, the requirer says how many units it has. */
export const shared = defineInterface({
  name: "shared",
  version: 0,
  provider: databag(v.object({ secret: v.string() })),
  requirer: databag(v.object({ count: v.string() })),
});

/** Owns a secret that rotates every day, and lets everybody related read it. */
export const keeper = defineCharm({
  name: "keeper",
  summary: "Shares a secret.",
  provides: { out: shared.provider({ optional: true }) },
}).implement({
  on: {
    async "secret-rotate"({ secrets, now }) {
      await secrets.set("key", { password: `rotated at ${now()}` }, { rotate: "daily" });
    },
    "secret-remove"({ secrets }, { secretId, revision }) {
      secrets.remove({ id: secretId }, revision === undefined ? {} : { revision });
    },
  },
  async reconcile({ secrets, relations }) {
    const key = await secrets.ensure("key", () => ({ password: "first password" }), { rotate: "daily" });
    if (key === undefined) return waiting("key: the leader has not made it");
    for (const relation of relations.out.all) {
      if (key.id === "") break;
      secrets.grant(key, relation);
      relation.publish({ secret: key.id });
    }
    return active();
  },
});

/** Reads the shared secret, and moves on to new revisions where it is told to. */
export const reader = defineCharm({
  name: "reader",
  summary: "Reads a secret.",
  config: { follow: option.boolean({ default: true, description: "Whether to take new revisions." }) },
  requires: { in: shared.requirer({ limit: 1 }) },
}).implement({
  async reconcile({ secrets, config, relations: { in: source }, state, plannedUnits }) {
    source.publish({ count: String(await plannedUnits()) });
    if (source.state !== "ready") return source.status;
    const { password } = await secrets.get(source.data.secret, { refresh: config.follow });
    state.set("length", String(password?.reveal().length));
    return active();
  },
});

/** Has a container, storage, a file, a user's secret and actions, and keeps count of what it was told. */
export const worker = defineCharm({
  name: "worker",
  summary: "Works.",
  config: { token: option.secret({ description: "A user's secret." }) },
  containers: { work: { image: "work-image" } },
  storage: { data: { type: "filesystem", multiple: "1-2" } },
  resources: { list: { type: "file", filename: "list.txt" } },
  actions: {
    add: action({
      description: "Adds.",
      params: v.object({ n: v.pipe(v.number(), v.integer(), v.minValue(1)), to: v.optional(v.number(), 1) }),
    }),
    refuse: action({ description: "Fails." }),
  },
}).implement({
  on: {
    "work-pebble-custom-notice"({ state }, { notice }) {
      state.set("notice", notice?.key ?? "");
    },
    "work-pebble-check-failed"({ state }, { check }) {
      state.set("check", `${check} failed`);
    },
    "work-pebble-check-recovered"({ state }, { check }) {
      state.set("check", `${check} recovered`);
    },
  },
  actions: {
    add: (_ctx, { n, to }) => ({ sum: n + to }),
    refuse: (_ctx, _params, { fail }) => fail("not today"),
  },
  async reconcile({ config, containers, secrets, state, storage }) {
    await containers.work.apply({
      services: { work: { command: "work" } },
      checks: { up: { tcp: { port: 8080 } } },
    });
    state.set("storage", (await storage("data")).map(({ id }) => id).join(" "));
    if (config.token === undefined) return blocked("token: option required");
    const { token } = await secrets.get(config.token, { refresh: true });
    return active(`token of ${token?.reveal().length}`);
  },
});
