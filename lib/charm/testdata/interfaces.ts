import * as v from "valibot";
import { databag, defineInterface, definePeerInterface } from "charmed-iap/interface";

const url = v.pipe(v.string(), v.url("must be a URL"));
const names = v.array(v.pipe(v.string(), v.regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, "must be an application name")));

export const forwardAuth = defineInterface({
  name: "forward_auth",
  version: 0,
  provider: databag(v.object({ decisions_address: url, app_names: names, headers: v.optional(v.array(v.string()), []) }), {
    json: ["app_names", "headers"],
  }),
  requirer: databag(v.object({ ingress_app_names: names }), { json: ["ingress_app_names"] }),
});

export const ingress = defineInterface({
  name: "ingress",
  version: 2,
  provider: databag.json(v.object({ ingress: v.object({ url }) })),
  requirer: databag.json(v.object({ name: v.string(), model: v.string(), port: v.pipe(v.number(), v.integer()) })),
});

export const ingressPerUnit = defineInterface({
  name: "ingress",
  version: 2,
  provider: databag.json(v.object({ ingress: v.object({ url }) })),
  requirer: {
    app: databag.json(v.object({ name: v.string(), model: v.string(), port: v.number() })),
    unit: databag.json(v.object({ host: v.string() })),
  },
});

export const oauth = defineInterface({
  name: "oauth",
  version: 0,
  provider: databag(v.object({ issuer_url: url, client_id: v.string(), client_secret_id: v.string() })),
  requirer: databag(v.object({ redirect_uri: url, scope: v.string(), grant_types: v.array(v.string()) }), {
    json: ["grant_types"],
  }),
});

export const authProxy = defineInterface({
  name: "auth_proxy",
  version: 0,
  provider: {},
  requirer: databag(
    v.object({
      protected_urls: v.array(url),
      allowed_endpoints: v.optional(v.array(v.string()), []),
      headers: v.optional(v.array(v.string()), []),
    }),
    { json: ["protected_urls", "allowed_endpoints", "headers"] },
  ),
});

export const proxyPeers = definePeerInterface({
  name: "proxy_peers",
  app: databag(v.object({ key: v.string() })),
  unit: databag(v.object({ address: v.string() })),
});
