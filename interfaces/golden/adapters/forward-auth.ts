import { decode } from "charmed-iap/interface";
import { appNames, authProxy, headers } from "../../auth_proxy/v0/index.ts";
import { forwardAuth, protects } from "../../forward_auth/v0/index.ts";
import { type Adapter, bag, type WriteCase } from "../types.ts";
import { argumentOf, given, listOf } from "./calls.ts";

export const forwardAuthAdapter: Adapter = {
  readme: "forward_auth/v0",
  sets: ["app_names", "headers", "ingress_app_names"],
  sides: () => forwardAuth.sides,
  publish(one) {
    if (one.role === "requirer") {
      const names = argumentOf(one, "update_requirer_relation_data");
      return names === undefined ? undefined : { app: { ingress_app_names: listOf(names) } };
    }
    const config = argumentOf(one, "update_forward_auth_config") ?? one.given.options;
    return config === undefined ? undefined : { app: { ...given(config as object), ...merged(one) } };
  },
  understood(one) {
    const parsed = one.outcome.parsed as { info: unknown; protects_spark: boolean } | null | undefined;
    if (one.role === "provider" || parsed === null || parsed === undefined) return undefined;
    // In relation-broken the relation is gone; the framework does not show it to a charm at all.
    if (one.kind === "removed") return undefined;
    const read = decode(forwardAuth.sides.provider.app, bag(one.remote_app));
    const data = read.state === "ready" ? read.data : undefined;
    return {
      ours: {
        info: data ?? null,
        protects_spark: data !== undefined && protects(data, "spark-history-server-k8s"),
      },
      theirs: { info: parsed.info, protects_spark: parsed.protects_spark },
    };
  },
};

/** Names and headers that the recording took from its auth-proxy relations. */
function merged(one: WriteCase): Record<string, unknown> {
  const relations = one.given.other_relations?.map(({ remote_app_name, remote_app }) => ({
    remoteApp: remote_app_name,
    raw: remote_app,
  }));
  if (relations === undefined) return {};
  const data = relations.flatMap(({ raw }) => {
    const read = decode(authProxy.sides.requirer.app, raw);
    return read.state === "ready" ? [read.data] : [];
  });
  return { app_names: appNames(relations), headers: headers(data) };
}
