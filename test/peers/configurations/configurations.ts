import { IDENTITY_NAMES } from "../../../workload/forward-auth/points/removal.ts";
import type { Container } from "./container.ts";
import { CONTAINERS } from "./containers.ts";
import { type Gateway, ingressNginx, istio, ourTraefik, traefik } from "./gateways.ts";

/** A configuration of oauth2-proxy as people have it, and what its users and applications see. */
export interface Configuration {
  readonly name: string;
  readonly container: Container;
  readonly gateways: readonly Gateway[];
  readonly issuer: string;
  readonly client: { readonly id: string; readonly secret: string };
  readonly callback: string;
  /** A page of the protected application. */
  readonly page: string;
  readonly signOut: string;
  readonly cookie: string;
  /** Headers that the application gets about ada; absent ones are not told. */
  readonly identity: Readonly<Record<string, string | RegExp>>;
  /** Identity headers that the gateway takes from the decision, or takes away: a client's own are gone. */
  readonly owned: readonly string[];
  /** Account that must not get in, if there is one. */
  readonly refused?: string;
  /** Another account that gets in. */
  readonly permitted: string;
  /** A path that needs no sign-in, if there is one. */
  readonly open?: string;
  /** Name and port of the Redis that the configuration names, and its password. */
  readonly redis?: { readonly service: string; readonly password: string };
}

/** What the gateway's file names; others reach the application as the client sent them, whoever decides. */
const NAMED = ["user", "email", "groups", "preferred-username"].map((name) => `x-auth-request-${name}`);

const okta = {
  gateways: [istio],
  issuer: "https://example.okta.com/oauth2/default",
  client: { id: "0oa9xq2example5d7", secret: "kX3vQ-8mZ2nR5tYwB7cF1gHj4LpS6dUa" },
  callback: "https://reports.example.com/oauth2/callback",
  page: "https://reports.example.com/q3/?x=1&y=%26",
  signOut: "https://reports.example.com/oauth2/sign_out",
  cookie: "_oauth2_proxy_istio_ingressgateway",
  owned: [...IDENTITY_NAMES, "authorization"],
  permitted: "bob",
} satisfies Partial<Configuration>;

/** A JWT as a bearer token. */
const BEARER = /^Bearer [\w-]+\.[\w-]+\.[\w-]+$/;

export const CONFIGURATIONS: readonly Configuration[] = [
  {
    name: "Dex and ingress-nginx",
    container: CONTAINERS.dex,
    gateways: [ingressNginx],
    issuer: "https://dex.example.com",
    client: { id: "ingress-nginx", secret: "ZXhhbXBsZS1hcHAtc2VjcmV0" },
    callback: "https://auth.example.com/oauth2/callback",
    page: "https://reports.example.com/q3/?x=1&y=%26",
    signOut: "https://auth.example.com/oauth2/sign_out?rd=https%3A%2F%2Freports.example.com%2F",
    cookie: "_oauth2_proxy",
    identity: {
      "x-auth-request-user": "ada",
      "x-auth-request-email": "ada@example.com",
      "x-auth-request-groups": "ops,dev",
      "x-auth-request-preferred-username": "Ada",
    },
    owned: NAMED,
    permitted: "bob",
  },
  {
    ...okta,
    name: "Okta and Istio, values of the chart",
    container: CONTAINERS.okta,
    identity: { authorization: BEARER },
  },
  {
    ...okta,
    name: "Okta and Istio, with Redis and a configuration file",
    container: CONTAINERS["okta with Redis"],
    identity: {
      authorization: BEARER,
      "x-auth-request-user": "ada",
      "x-auth-request-email": "ada@example.com",
      "x-auth-request-access-token": /^[\w.-]{40,}$/,
    },
    // It is in the answer, but not in the mesh's `headersToUpstreamOnAllow`: Envoy neither sets nor removes it.
    owned: okta.owned.filter((name) => name !== "x-auth-request-preferred-username"),
    refused: "eve",
    redis: { service: "oauth2-proxy-redis-master.oauth2-proxy.svc.cluster.local:6379", password: "foo" },
  },
  {
    ...okta,
    name: "Okta and Istio, structured",
    container: CONTAINERS["okta, structured"],
    identity: {
      authorization: BEARER,
      "x-auth-request-user": "ada",
      "x-auth-request-email": "ada@example.com",
    },
  },
  {
    name: "Canonical's charm",
    container: CONTAINERS.canonical,
    gateways: [traefik, ourTraefik],
    issuer: "https://gw.example.com/iam-hydra",
    client: { id: "6d1f2f1e-3c1b-4b7e-9a38-0c1f6f2f8f55", secret: "mJ7vS2qLx9Rk4TzWn1Yb8cDe" },
    callback: "https://gw.example.com/iam-oauth2-proxy-k8s/oauth2/callback",
    page: "https://gw.example.com/iam-reports/q3/?x=1&y=%26",
    signOut: "https://gw.example.com/iam-oauth2-proxy-k8s/oauth2/sign_out",
    cookie: "_oauth2_proxy",
    identity: {
      "x-auth-request-user": "ada",
      "x-auth-request-email": "ada@example.com",
      "x-auth-request-preferred-username": "Ada",
    },
    owned: NAMED,
    refused: "eve",
    permitted: "bob",
    open: "https://gw.example.com/iam-reports/health",
  },
];
