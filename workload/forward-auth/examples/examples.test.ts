/** The examples say what their proxies need, and nothing that opens a hole; the suite of peers runs them. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { IDENTITY_NAMES } from "../points/removal.ts";
import { readSettings } from "../settings.ts";

const folder = import.meta.dirname;
const text = (...path: string[]) => readFileSync(join(folder, ...path), "utf8");
const yaml = (...path: string[]): Tree => parse(text(...path)) as Tree;

/** A document, read as it comes. */
type Tree = { readonly [key: string]: Tree } & readonly Tree[] & string;

const examples = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** Headers that forward-auth sends as these examples set it up. */
const SENT = ["user", "email", "groups", "preferred-username"].map((name) => `x-auth-request-${name}`);

let secrets: string;
beforeAll(() => {
  secrets = mkdtempSync(join(tmpdir(), "examples-"));
  writeFileSync(join(secrets, "client"), "client-secret");
  writeFileSync(join(secrets, "cookie"), "0123456789abcdef0123456789abcdef");
});
afterAll(() => rmSync(secrets, { recursive: true }));

test.each(examples)("%s: forward-auth takes its configuration", (example) => {
  const settings = readSettings(
    {
      OAUTH2_PROXY_CLIENT_SECRET_FILE: join(secrets, "client"),
      OAUTH2_PROXY_COOKIE_SECRET_FILE: join(secrets, "cookie"),
    },
    ["--config", join(folder, example, "forward-auth.toml")],
  );
  expect(settings.trusted.has("127.0.0.1")).toBe(true);
  expect(settings.trusted.has("127.0.0.2")).toBe(false);
  expect(settings.options.redirect_url).toBe("http://app.localhost:8080/oauth2/callback");
});

test.each(examples)("%s: has a README, which names the file it is about", (example) => {
  const readme = text(example, "README.md");
  expect(readme.startsWith("# ")).toBe(true);
  expect(text("README.md")).toContain(`[${example}](${example})`);
});

test("nginx sets or blanks every identity header", () => {
  const names = Array.from(text("nginx", "app.conf").matchAll(/proxy_set_header (\S+) /g), ([, name = ""]) =>
    name.toLowerCase(),
  );
  expect(IDENTITY_NAMES.filter((name) => !names.includes(name))).toEqual([]);
});

test("Traefik replaces or removes every identity header, and asks in front of everything", () => {
  const { http } = yaml("traefik", "dynamic", "app.yaml");
  const auth = http?.["middlewares"]?.["signed-in"]?.["forwardAuth"];
  const names = auth?.["authResponseHeaders"]?.map((name) => name.toLowerCase()) ?? [];
  expect(IDENTITY_NAMES.filter((name) => !names.includes(name))).toEqual([]);
  expect(auth?.["trustForwardHeader"]).toBe(false);
  expect(http?.["routers"]?.["app"]?.["middlewares"]?.[0]).toBe("signed-in");
});

test("ingress-nginx: annotations of the controller, all identity headers, no cache", () => {
  const [app, signIn] = parseAllDocuments(text("ingress-nginx", "ingress.yaml")).map(
    (document) => document.toJS() as Tree,
  );
  const annotations = app?.["metadata"]?.["annotations"] ?? ({} as Tree);
  const known =
    /^nginx\.ingress\.kubernetes\.io\/(?:auth-(?:url|signin|response-headers|always-set-cookie)|proxy-buffer-size)$/;
  expect(Object.keys(annotations).filter((name) => !known.test(name))).toEqual([]);
  expect(Object.values(annotations).filter((value) => typeof value !== "string")).toEqual([]);
  const names = annotations["nginx.ingress.kubernetes.io/auth-response-headers"]?.toLowerCase().split(",");
  expect(IDENTITY_NAMES.filter((name) => !names?.includes(name))).toEqual([]);
  expect(annotations["nginx.ingress.kubernetes.io/auth-url"]).toMatch(/\/oauth2\/authz\/nginx-ingress$/);
  const { host, http } = signIn?.["spec"]?.["rules"]?.[0] ?? ({} as Tree);
  expect(host).toBe(app?.["spec"]?.["rules"]?.[0]?.["host"]);
  expect(http?.["paths"]?.[0]).toMatchObject({ path: "/oauth2", pathType: "Prefix" });
  expect(Object.keys(signIn?.["metadata"]?.["annotations"] ?? {}).some((name) => name.includes("auth"))).toBe(
    false,
  );
});

/** What a check may carry: each of these is Envoy's own or means nothing about another request. */
const CARRIED =
  /^(?:accept|authorization|cookie|origin|sec-fetch-mode|sec-fetch-site|user-agent|x-forwarded-for|x-forwarded-proto|x-request-id|x-requested-with|access-control-request-method)$/;

/** What a refusal needs so that the browser goes on and learns nothing else. */
const ON_REFUSAL = ["content-type", "location", "set-cookie", "cache-control"];

describe("istio", () => {
  const provider = yaml("istio", "mesh.yaml")["extensionProviders"]?.[0] ?? ({} as Tree);
  const http = provider["envoyExtAuthzHttp"] ?? ({} as Tree);
  const policy = yaml("istio", "policy.yaml");

  /** Fields of MeshConfig.ExtensionProvider.EnvoyExternalAuthorizationHttpProvider. */
  const FIELDS = [
    "service",
    "port",
    "timeout",
    "pathPrefix",
    "failOpen",
    "statusOnError",
    "includeRequestHeadersInCheck",
    "includeAdditionalHeadersInCheck",
    "includeRequestBodyInCheck",
    "headersToUpstreamOnAllow",
    "headersToDownstreamOnAllow",
    "headersToDownstreamOnDeny",
  ];

  test("the extension provider has the interface's fields, closed when in doubt", () => {
    expect(Object.keys(http).filter((name) => !FIELDS.includes(name))).toEqual([]);
    expect(http).toMatchObject({ failOpen: false, pathPrefix: "/oauth2/authz/envoy-http", port: 4180 });
    expect(http["statusOnError"]).toBe("503");
    expect(http["timeout"]).toMatch(/^\d+s$/);
  });

  test("the check carries nothing by which a client could speak of another request", () => {
    expect(http["includeRequestHeadersInCheck"]?.filter((name) => !CARRIED.test(name))).toEqual([]);
    expect(http["includeRequestHeadersInCheck"]).toContain("cookie");
  });

  test("identity reaches the application, cookies and redirects the browser", () => {
    expect(SENT.filter((name) => !http["headersToUpstreamOnAllow"]?.includes(name))).toEqual([]);
    expect(http["headersToDownstreamOnAllow"]).toEqual(["set-cookie"]);
    expect(ON_REFUSAL.filter((name) => !http["headersToDownstreamOnDeny"]?.includes(name))).toEqual([]);
  });

  test("the policy asks this provider", () => {
    expect(policy).toMatchObject({
      apiVersion: "security.istio.io/v1",
      kind: "AuthorizationPolicy",
      spec: { action: "CUSTOM", provider: { name: provider["name"] } },
    });
    expect(policy["spec"]?.["rules"]?.length).toBeGreaterThan(0);
  });
});

describe.each(["envoy-http", "envoy-grpc"])("%s", (example) => {
  const listener = yaml(example, "envoy.yaml")["static_resources"]?.["listeners"]?.[0];
  const manager = listener?.["filter_chains"]?.[0]?.["filters"]?.[0]?.["typed_config"] ?? ({} as Tree);
  const filter = manager["http_filters"]?.[0]?.["typed_config"] ?? ({} as Tree);

  test("asks first, closed when in doubt, and believes no client's address", () => {
    expect(manager["http_filters"]?.[0]?.["name"]).toBe("envoy.filters.http.ext_authz");
    expect(filter).toMatchObject({ failure_mode_allow: false, transport_api_version: "V3" });
    expect(manager).toMatchObject({ use_remote_address: true, normalize_path: true });
  });

  test.runIf(example === "envoy-http")("carries no more than it needs, and hands on what it must", () => {
    const exact = (list: Tree | undefined): string[] =>
      list?.["patterns"]?.map((pattern) => String(pattern["exact"])) ?? [];
    expect(exact(filter["allowed_headers"]).filter((name) => !CARRIED.test(name))).toEqual([]);
    const { path_prefix, authorization_response } = filter["http_service"] ?? ({} as Tree);
    expect(path_prefix).toBe("/oauth2/authz/envoy-http");
    expect(authorization_response?.["allowed_upstream_headers"]).toEqual({
      patterns: [{ prefix: "x-auth-request-" }],
    });
    const denied = exact(authorization_response?.["allowed_client_headers"]);
    expect(ON_REFUSAL.filter((name) => !denied.includes(name))).toEqual([]);
    expect(exact(authorization_response?.["allowed_client_headers_on_success"])).toEqual(["set-cookie"]);
    expect(manager["common_http_protocol_options"]).toEqual({
      headers_with_underscores_action: "REJECT_REQUEST",
    });
  });
});

test("the Gateway API and Envoy Gateway ask over gRPC, closed when in doubt", () => {
  const route = yaml("gateway-api", "httproute.yaml");
  const filters = route["spec"]?.["rules"]?.map((rule) => rule["filters"]?.[0]) ?? [];
  expect(filters.length).toBeGreaterThan(0);
  for (const filter of filters)
    expect(filter).toEqual({
      type: "ExternalAuth",
      externalAuth: { protocol: "GRPC", backendRef: { name: "forward-auth", port: 4190 } },
    });
  const policy = yaml("gateway-api", "security-policy.yaml");
  expect(policy).toMatchObject({ apiVersion: "gateway.envoyproxy.io/v1alpha1", kind: "SecurityPolicy" });
  expect(policy["spec"]?.["targetRefs"]?.[0]?.["name"]).toBe(route["metadata"]?.["name"]);
  expect(policy["spec"]?.["extAuth"]).toEqual({
    failOpen: false,
    grpc: { backendRefs: [{ name: "forward-auth", port: 4190 }] },
  });
});

test("HAProxy and Caddy take clients' identity headers away in every spelling that they pass on", () => {
  const patterns = Array.from(
    text("haproxy", "haproxy.cfg").matchAll(/del-header (\S+) -m reg/g),
    ([, pattern]) => new RegExp(pattern ?? ""),
  );
  for (const name of IDENTITY_NAMES)
    for (const mark of ["-", "_", "."]) {
      const spelled = name.replaceAll("-", mark);
      expect([spelled, patterns.some((pattern) => pattern.test(spelled))]).toEqual([spelled, true]);
    }
  const removed = Array.from(text("caddy", "Caddyfile").matchAll(/request_header -(\S+)/g), ([, name = ""]) =>
    name.toLowerCase(),
  );
  const isRemoved = (name: string) =>
    removed.some((wild) => (wild.endsWith("*") ? name.startsWith(wild.slice(0, -1)) : name === wild));
  expect(IDENTITY_NAMES.filter((name) => !isRemoved(name))).toEqual([]);
});
