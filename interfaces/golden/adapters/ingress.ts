import { decode } from "charmed-iap/interface";
import { parse } from "yaml";
import { ingress, unitHost } from "../../ingress/v2/index.ts";
import { type Adapter, bag, type ReadCase, type WriteCase } from "../types.ts";
import { argumentOf, given } from "./calls.ts";

export const ingressAdapter: Adapter = {
  readme: "ingress/v2",
  sets: [],
  sides: () => ingress.sides,
  meaning,
  publish: (one) => (one.role === "requirer" ? application(one) : answer(one)),
  understood: (one) => (one.role === "requirer" ? url(one) : data(one)),
};

/** YAML reads JSON too; a lone text that is none stays text. */
function meaning(_key: string, text: string): unknown {
  try {
    return parse(text, { logLevel: "silent" });
  } catch {
    return text;
  }
}

function application(one: WriteCase) {
  const { options, app, model, unit, hook } = one.given;
  const port = options?.["port"];
  // Newer libraries wait for the first relation-changed; ours, like a charm's reconcile, is called when it has a port.
  if (port === undefined || port === null || (hook === "created" && one.lib === "ingress-2.21"))
    return undefined;
  if (hook === "broken") return undefined;
  const { strip_prefix, redirect_https, host, ip, scheme, healthcheck_params } = given(options ?? {});
  return {
    app: {
      model,
      name: app,
      port,
      scheme,
      healthcheck_params,
      "strip-prefix": strip_prefix,
      "redirect-https": redirect_https,
    },
    unit: { host: host ?? unitHost(unit, model), ip: ip ?? "192.0.2.0" },
  };
}

function answer(one: WriteCase) {
  const url = argumentOf(one, "publish_url");
  if (url !== undefined) return { app: { ingress: { url } } };
  return argumentOf(one, "wipe_ingress_data") === undefined ? undefined : {};
}

function url(one: ReadCase) {
  const parsed = one.outcome.parsed as { url: string | null } | null | undefined;
  if (parsed === null || parsed === undefined || one.case.startsWith("broken")) return undefined;
  const read = decode(ingress.sides.provider.app, bag(one.remote_app));
  return { ours: read.state === "ready" ? read.data.ingress?.url : null, theirs: parsed.url };
}

interface Parsed {
  readonly data: { readonly app?: Record<string, unknown>; readonly units?: unknown } & Record<
    string,
    unknown
  >;
}

function data(one: ReadCase) {
  const parsed = one.outcome.parsed as Parsed | null | undefined;
  if (parsed === null || parsed === undefined) return undefined;
  const read = decode(ingress.sides.requirer.app, bag(one.remote_app));
  if (read.state !== "ready") return { ours: read, theirs: parsed };
  if (parsed.data.app === undefined) {
    const { scheme: _, is_port_open: __, ...legacy } = read.data;
    return { ours: legacy, theirs: parsed.data };
  }
  const { strip_prefix, redirect_https, is_port_open, ...rest } = parsed.data.app;
  return {
    ours: { app: { healthcheck_params: null, ...nulls(read.data) }, units: units(one) },
    theirs: {
      app: {
        healthcheck_params: null,
        ...rest,
        is_port_open: is_port_open ?? false,
        "strip-prefix": strip_prefix ?? false,
        "redirect-https": redirect_https ?? false,
      },
      units: sorted(parsed.data.units as { host: string }[]),
    },
  };
}

/** The members that a health check leaves out are null in Python. */
function nulls(app: Record<string, unknown>): Record<string, unknown> {
  const check = app["healthcheck_params"];
  if (typeof check !== "object" || check === null) return app;
  return { ...app, healthcheck_params: { scheme: null, hostname: null, port: null, ...check } };
}

function units(one: ReadCase) {
  const read = Object.values(one.remote_unit ?? {}).map((raw) => decode(ingress.sides.requirer.unit, raw));
  return sorted(read.flatMap((unit) => (unit.state === "ready" ? [{ ip: null, ...unit.data }] : [])));
}

function sorted<T extends { host: string }>(list: readonly T[]): T[] {
  return list.toSorted((a, b) => (a.host < b.host ? -1 : 1));
}
