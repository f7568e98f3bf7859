import { active, blocked, waiting } from "charmed-iap/charm";
import { type Cluster, KubernetesError } from "charmed-iap/kubernetes";
import { type StateOf, transition } from "charmed-iap/testing";
import { contractTests, interruptionTests } from "charmed-iap/testing/vitest";
import { describe, expect, test } from "vitest";
import charm, { oauth2Proxy } from "./charm.ts";

const SECRET_ID = "9m4e2mr0ui3e8a215n4g";
const client = {
  remoteApp: "hydra",
  remoteAppData: {
    issuer_url: "https://id.example.com",
    authorization_endpoint: "https://id.example.com/oauth2/auth",
    token_endpoint: "https://id.example.com/oauth2/token",
    introspection_endpoint: "http://hydra.test:4445/admin/oauth2/introspect",
    userinfo_endpoint: "https://id.example.com/userinfo",
    jwks_endpoint: "https://id.example.com/.well-known/jwks.json",
    scope: "openid",
    client_id: "client-1",
    client_secret_id: `secret:${SECRET_ID}`,
  },
};
const app = {
  remoteApp: "whoami",
  remoteAppData: {
    protected_urls: ["https://gw.example.com/m-whoami"],
    headers: ["X-Auth-Request-Email" as const],
    allowed_endpoints: [],
    authenticated_emails: ["ann@example.com"],
    authenticated_email_domains: [],
  },
};
const complete = {
  leader: true,
  relations: {
    ingress: { remoteAppData: { ingress: { url: "https://gw.example.com/m-auth" } } },
    oauth: client,
    "auth-proxy": app,
    "forward-auth": { remoteApp: "traefik", remoteAppData: { ingress_app_names: ["whoami"] } },
  },
  secrets: [{ id: SECRET_ID, content: { secret: "secret-of-the-client" } }],
} satisfies StateOf<typeof charm>;

const environment = (containers: { "oauth2-proxy": { plan: unknown } }) =>
  (containers["oauth2-proxy"].plan as { services: Record<string, { environment: Record<string, string> }> })
    .services["oauth2-proxy"]?.environment ?? {};

describe("statuses", () => {
  test("active, with nothing to say, once everything is there", async () => {
    expect((await transition(charm, "config-changed", complete)).status).toEqual(active());
  });
  test("a container that does not answer", async () => {
    const state = { ...complete, containers: { "oauth2-proxy": { canConnect: false } } };
    const { status, relations } = await transition(charm, "config-changed", state);
    expect(status).toEqual(waiting("Waiting to connect to OAuth2-Proxy container"));
    expect(relations["forward-auth"][0]?.localAppData["app_names"]).toBe('["whoami"]');
  });
  test("bearer tokens without a client: blocked, and the rules are written all the same", async () => {
    const { oauth: _gone, ...relations } = complete.relations;
    const state = { ...complete, relations, config: { enable_jwt_bearer_tokens: true } };
    const { status, containers } = await transition(charm, "config-changed", state);
    expect(status).toEqual(
      blocked("Please connect the `oauth` integration or disable the `enable_jwt_bearer_tokens` config."),
    );
    expect(containers["oauth2-proxy"].files["/etc/config/oauth2-proxy/rules.json"]).toContain("whoami");
    expect(environment(containers)["OAUTH2_PROXY_SKIP_JWT_BEARER_TOKENS"]).toBeUndefined();
  });
  test("an application that the gateway does not route to", async () => {
    const relations = {
      ...complete.relations,
      "forward-auth": { remoteApp: "traefik", remoteAppData: { ingress_app_names: ["my-whoami"] } },
    };
    const { status } = await transition(charm, "config-changed", { ...complete, relations });
    expect(status).toEqual(blocked("whoami is not related via ingress"));
  });
  test("alone it says that nobody can sign in", async () => {
    const { status } = await transition(charm, "config-changed", { leader: true });
    expect(status).toEqual(active("oauth: no provider, every request is refused"));
  });
  test("a service that does not start is reported, and the gateway is told whom to protect", async () => {
    const state = { ...complete, containers: { "oauth2-proxy": { failing: { "oauth2-proxy": "exited" } } } };
    const { status, relations } = await transition(charm, "config-changed", state);
    expect(status.name).toBe("waiting");
    expect(relations["forward-auth"][0]?.localAppData["app_names"]).toBe('["whoami"]');
  });
  test("a client secret that cannot be read: the gateway is told all the same, and the rules are there", async () => {
    const secrets = [{ id: SECRET_ID, content: { secret: "x".repeat(9) }, granted: false }];
    const { status, relations, containers } = await transition(charm, "config-changed", {
      ...complete,
      secrets,
    });
    expect(status.message).toContain("waiting for access to");
    expect(relations["forward-auth"][0]?.localAppData["app_names"]).toBe('["whoami"]');
    expect(containers["oauth2-proxy"].files["/etc/config/oauth2-proxy/rules.json"]).toContain("whoami");
  });
});

describe("the cookie", () => {
  const at = (url: string, protectedUrl: string) => ({
    ...complete,
    relations: {
      ...complete.relations,
      ingress: { remoteAppData: { ingress: { url } } },
      "auth-proxy": { ...app, remoteAppData: { ...app.remoteAppData, protected_urls: [protectedUrl] } },
    },
  });
  test("is not Secure behind plain HTTP, where browsers would drop it", async () => {
    const http = await transition(charm, "config-changed", at("http://gw.test/a", "http://gw.test/m-whoami"));
    expect(environment(http.containers)["OAUTH2_PROXY_COOKIE_SECURE"]).toBe("false");
    const https = await transition(charm, "config-changed", complete);
    expect(environment(https.containers)["OAUTH2_PROXY_COOKIE_SECURE"]).toBeUndefined();
  });
  test("reaches the applications of a gateway in subdomain mode (absent weak point 13)", async () => {
    const state = at("https://m-auth.gw.test/", "https://m-whoami.gw.test/");
    const { status, containers } = await transition(charm, "config-changed", state);
    expect(environment(containers)["OAUTH2_PROXY_COOKIE_DOMAINS"]).toBe("gw.test");
    expect(status).toEqual(active());
  });
  test("does not reach a stranger's host: blocked", async () => {
    const { status } = await transition(
      charm,
      "config-changed",
      at("https://gw.test/a", "https://else.where/"),
    );
    expect(status).toEqual(blocked("auth-proxy: else.where shares no domain with the sign-in"));
  });
});

describe("secrets", () => {
  test("are in no databag and no log line (absent weak point 11)", async () => {
    const { relations, logs, secrets } = await transition(charm, "config-changed", complete);
    const cookie = secrets.find(({ label }) => label === "cookie-secret")?.content["secret"] ?? "";
    expect(cookie).toHaveLength(43);
    for (const secret of [cookie, "secret-of-the-client"]) {
      expect(JSON.stringify([relations, logs])).not.toContain(secret);
    }
  });
  test("a follower waits for the leader's cookie secret (absent weak point 19)", async () => {
    const { status } = await transition(charm, "update-status", { ...complete, leader: false });
    expect(status).toEqual(waiting("waiting for the leader to make the cookie secret"));
  });
});

describe("limits", () => {
  const cluster = (answer: () => unknown) => {
    const calls: string[] = [];
    const opened: Cluster = {
      namespace: "m",
      async request({ method, body }) {
        calls.push(`${method} ${JSON.stringify(body) ?? ""}`);
        return answer();
      },
    };
    return { calls, charm: oauth2Proxy(async () => opened) };
  };
  test("unset: Kubernetes is not asked", async () => {
    const { calls, charm: limited } = cluster(() => ({}));
    await transition(limited, "config-changed", complete);
    expect(calls).toEqual([]);
  });
  test("set: the container gets them", async () => {
    const { calls, charm: limited } = cluster(() => ({}));
    const { status } = await transition(limited, "config-changed", { ...complete, config: { cpu: "500m" } });
    expect(calls[1]).toContain('"cpu":"500m"');
    expect(status).toEqual(active());
  });
  test("without trust: blocked, and not overwritten by the rest (absent weak point 12)", async () => {
    const { charm: limited } = cluster(() => {
      throw new KubernetesError({ code: "ERR_KUBERNETES_API", status: 403, message: "forbidden" });
    });
    const { status } = await transition(limited, "config-changed", {
      ...complete,
      config: { memory: "1Gi" },
    });
    expect(status).toEqual(
      blocked(
        "Kubernetes resources patch failed: not permitted, run: juju trust oauth2-proxy-k8s --scope=cluster",
      ),
    );
  });
  test("malformed", async () => {
    const { status } = await transition(charm, "config-changed", { ...complete, config: { cpu: "lots" } });
    expect(status.message).toContain("Failed obtaining resource limit spec: cpu");
  });
});

describe("get-extra-jwt-issuers", () => {
  const action = { action: "get-extra-jwt-issuers" } as const;
  const running = {
    layers: {
      own: { services: { "oauth2-proxy": { override: "replace", command: "x", startup: "enabled" } } },
    },
  } as const;
  const state = { ...complete, containers: { "oauth2-proxy": running } };
  test("fails in this order", async () => {
    const failure = async (given: StateOf<typeof charm>) =>
      (await transition(charm, action, given)).action?.failure;
    expect(await failure(complete)).toBe(
      "Service is not ready. Please re-run the action when the charm is active",
    );
    expect(await failure(state)).toBe("`enable_jwt_bearer_tokens` is not enabled");
    const config = { enable_jwt_bearer_tokens: true };
    const { oauth: _gone, ...relations } = complete.relations;
    expect(await failure({ ...state, config, relations })).toBe("The issuer URL is not set");
    const { client_id: _id, client_secret_id: _secret, ...unregistered } = client.remoteAppData;
    const pending = { ...complete.relations, oauth: { remoteApp: "hydra", remoteAppData: unregistered } };
    expect(await failure({ ...state, config, relations: pending })).toBe("The client ID is not set");
  });
});

contractTests(charm, { state: complete });
interruptionTests(
  charm,
  ["config-changed", "oauth-relation-changed", "oauth2-proxy-pebble-ready", "upgrade-charm"],
  {
    ...complete,
    containers: { "oauth2-proxy": { exec: { "/bin/oauth2-proxy --version": { stdout: "v7.15.3" } } } },
  },
  { randomSecrets: ["cookie-secret"] },
);
