import { decode, encode } from "charmed-iap/interface";
import { expect, test } from "vitest";
import { endpoint, logTargets, lokiPushApi, pushUrls, sender, topologyOf } from "./index.ts";

const { provider, requirer } = lokiPushApi.sides;
const topology = topologyOf(
  { model: "iam", modelUuid: "11111111-2222-4333-8444-555555555555", app: "web", unit: "web/0" },
  "web-k8s",
);
const unit = (name: string, raw: Record<string, string>) => ({ unit: name, ...decode(provider.unit, raw) });
const loki = (name: string, base: string) => unit(name, encode(provider.unit, endpoint(base)));

test("units that have said nothing, or nonsense, do not keep the others from being used", () => {
  const units = [
    unit("loki/2", {}),
    unit("loki/1", { endpoint: "http://x" }),
    loki("loki/3", "http://a/"),
    loki("loki/0", "http://a"),
    loki("loki/4", "http://b"),
  ];
  expect(pushUrls(units)).toEqual(["http://a/loki/api/v1/push", "http://b/loki/api/v1/push"]);
  expect(Object.keys(logTargets(units, topology))).toEqual(["loki/0", "loki/3", "loki/4"]);
});

test("log targets take all services, with the labels of upstream's charms", () => {
  expect(logTargets([loki("loki/0", "http://a")], topology)).toEqual({
    "loki/0": {
      type: "loki",
      location: "http://a/loki/api/v1/push",
      services: ["all"],
      labels: {
        product: "Juju",
        charm: "web-k8s",
        juju_model: "iam",
        juju_model_uuid: topology.model_uuid,
        juju_application: "web",
        juju_unit: "web/0",
      },
    },
  });
});

test.each(["javascript:x", "http://u:p@a/", "a", ""])("an address such as %j is none", (url) => {
  expect(unit("loki/0", { endpoint: JSON.stringify({ url }) }).state).toBe("invalid");
});

test("no rules are an empty object, and read as none", () => {
  const raw = encode(requirer.app, sender(topology));
  expect(raw["alert_rules"]).toBe("{}");
  expect(decode(requirer.app, raw)).toMatchObject({ state: "ready", data: { alert_rules: { groups: [] } } });
});
