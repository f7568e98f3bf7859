import { decode } from "charmed-iap/interface";
import { parse } from "yaml";
import { configText, traefikRoute } from "../../traefik_route/v0/index.ts";
import { meaningOf } from "../compare.ts";
import { type Adapter, bag, type ReadCase, type WriteCase } from "../types.ts";
import { argumentOf, given } from "./calls.ts";

export const traefikRouteAdapter: Adapter = {
  readme: "traefik_route/v0",
  sets: [],
  sides: () => traefikRoute.sides,
  meaning: (key, text) =>
    key === "config" || key === "static" ? parse(text, { version: "1.1" }) : meaningOf(text),
  publish: (one) => (one.role === "requirer" ? routes(one) : address(one)),
  understood: (one) => (one.role === "requirer" ? learnt(one) : asked(one)),
};

function routes(one: WriteCase) {
  const call = argumentOf(one, "submit_to_traefik") as { config: object; static?: object | null } | undefined;
  if (call === undefined) return undefined;
  const statics = call.static ?? undefined;
  return {
    app: {
      raw: one.given.options?.["raw"] === true,
      config: configText(call.config as Record<string, unknown>),
      static:
        statics === undefined || Object.keys(statics).length === 0 ? undefined : configText(statics as never),
    },
  };
}

function address(one: WriteCase) {
  if (one.given.hook === "broken") return undefined;
  const { external_host, scheme } = given(one.given.options ?? {});
  return { app: { external_host: external_host === "" ? undefined : external_host, scheme } };
}

function asked(one: ReadCase) {
  const parsed = one.outcome.parsed as Record<string, unknown> | null | undefined;
  if (parsed === null || parsed === undefined) return undefined;
  const read = decode(traefikRoute.sides.requirer.app, bag(one.remote_app));
  const data = read.state === "ready" ? read.data : undefined;
  return {
    ours: { config: data?.config ?? null, static: data?.static ?? null, raw: data?.raw ?? false },
    theirs: {
      config: parsed["get_dynamic_config"],
      static: parsed["get_static_config"],
      raw: parsed["is_raw_enabled"],
    },
  };
}

function learnt(one: ReadCase) {
  const parsed = one.outcome.parsed as { external_host: string; scheme: string } | null | undefined;
  if (parsed === null || parsed === undefined) return undefined;
  const read = decode(traefikRoute.sides.provider.app, bag(one.remote_app));
  const data = read.state === "ready" ? read.data : { external_host: "", scheme: "" };
  return {
    ours: { external_host: data.external_host, scheme: data.scheme },
    theirs: { external_host: parsed.external_host, scheme: parsed.scheme },
  };
}
