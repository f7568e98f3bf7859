import { decode } from "charmed-iap/interface";
import { endpoint, lokiPushApi, pushUrls, sender } from "../../loki_push_api/v1/index.ts";
import { type Adapter, bag, type ReadCase, type WriteCase } from "../types.ts";
import { argumentOf } from "./calls.ts";
import { rulesOf, topologyOfCase } from "./prometheus-scrape.ts";

const { provider, requirer } = lokiPushApi.sides;

export const lokiPushApiAdapter: Adapter = {
  readme: "loki_push_api/v1",
  sets: [],
  sides: () => lokiPushApi.sides,
  publish: (one) => (one.role === "requirer" ? sending(one) : receiving(one)),
  understood: (one) => (one.role === "requirer" ? addresses(one) : rules(one)),
};

/** What a charm does with it is the charm's: a forwarder may wait for an address, ours tells its rules at once. */
function sending(one: WriteCase) {
  return one.given.hook === "broken"
    ? undefined
    : { app: sender(topologyOfCase(one), rulesOf(one, "l.rule")) };
}

function receiving(one: WriteCase) {
  const { options, unit, app, model, hook } = one.given;
  if (hook === "broken") return undefined;
  const [, number] = unit.split("/");
  const host = `${app}-${number}.${app}-endpoints.${model === "iam" ? "cos" : model}.svc.cluster.local`;
  const base = argumentOf(one, "update_endpoint") ?? `http://${host}:${options?.["port"]}`;
  // What clients with an agent of their own need is passed on as the charm has it.
  const agents = one.local_app["promtail_binary_zip_url"];
  return {
    app: agents === undefined ? {} : { promtail_binary_zip_url: JSON.parse(agents) },
    unit: endpoint(String(base), host),
  };
}

function addresses(one: ReadCase) {
  const parsed = one.outcome.parsed as { endpoints: { url: string }[] } | null | undefined;
  if (!Array.isArray(parsed?.endpoints)) return undefined;
  const units = Object.entries(one.remote_unit ?? {}).map(([unit, raw]) => ({
    unit,
    ...decode(provider.unit, raw),
  }));
  return { ours: pushUrls(units), theirs: parsed.endpoints.map(({ url }) => url) };
}

function rules(one: ReadCase) {
  const parsed = one.outcome.parsed as { alerts: Record<string, unknown> } | null | undefined;
  if (parsed === null || parsed === undefined) return undefined;
  const read = decode(requirer.app, bag(one.remote_app));
  const told = read.state === "ready" && read.data.alert_rules.groups.length > 0;
  return { ours: told ? [read.data.alert_rules] : [], theirs: Object.values(parsed.alerts) };
}
