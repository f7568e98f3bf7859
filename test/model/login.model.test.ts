import { canonicalJson } from "charmed-iap/interface";
import { describe, expect, test } from "vitest";
import { normal } from "./normal.ts";
import { topology } from "./topology.ts";

/** Twenty orders of events. Within one unit order is Juju's; between units it is anybody's guess. */
const seeds = Array.from({ length: 20 }, (_, index) => index + 1);

const endpoints = [
  "traefik-public:ingress",
  "traefik-public:traefik-route",
  "traefik-public:experimental-forward-auth",
  "traefik-public:certificates",
  "oauth2-proxy:oauth",
  "oauth2-proxy:auth-proxy",
  "oauth2-proxy:receive-ca-cert",
] as const;

async function settledDatabags(seed: number) {
  const model = topology({ seed });
  await model.settle();
  expect(model.status()).toEqual({
    hydra: "active",
    "oauth2-proxy": "active",
    "self-signed-certificates": "active",
    "traefik-public": "active: Serving at https://gw.localhost:8443",
    whoami: "active",
  });
  const bags = endpoints.map((endpoint) => [endpoint, model.databags(endpoint)]);
  return { model, bags: normal(canonicalJson(bags) ?? "") };
}

test("every order of events settles to the same databags", async () => {
  const [first, ...others] = await Promise.all(seeds.map((seed) => settledDatabags(seed)));
  for (const [index, other] of others.entries()) {
    expect(other.bags, `seed ${seeds[index + 1]}`).toBe(first?.bags);
  }
});

describe("what comes of it", () => {
  test("the gateway asks about the protected application, and about nobody else", async () => {
    const { model } = await settledDatabags(1);
    const routes = (endpoint: string, id: number, app: string) =>
      model.files("traefik-public", "traefik")[
        `/opt/traefik/juju/juju_ingress_${endpoint}_${id}_${app}.yaml`
      ];
    const [proxy, whoami] = model.databags("traefik-public:ingress");
    expect(routes("ingress", whoami?.id ?? -1, "whoami")).toContain('"forwardAuth"');
    expect(routes("ingress", proxy?.id ?? -1, "oauth2-proxy")).not.toContain('"forwardAuth"');
  });

  test("the decision point gets rules for the application's public URL", async () => {
    const { model } = await settledDatabags(1);
    const text = model.files("oauth2-proxy", "oauth2-proxy")["/etc/config/oauth2-proxy/rules.json"];
    expect(JSON.parse(text ?? "")).toEqual({
      version: 1,
      applications: {
        whoami: {
          routes: [{ hosts: ["gw.localhost:8443"], paths: ["/iam-whoami"] }],
          allow: { everyone: true },
        },
      },
    });
  });

  test("client secret and cookie secret are in no databag, log line or file that others read", async () => {
    const { model } = await settledDatabags(1);
    const clientSecret = model.secrets("hydra")["client_secret_8"]?.["secret"] ?? "";
    const cookieSecret = model.secrets("oauth2-proxy")["cookie-secret"]?.["secret"] ?? "";
    expect(clientSecret).toMatch(/^secret of client-/);
    expect(cookieSecret).toHaveLength(43);
    const visible = JSON.stringify([model.logs, endpoints.map((endpoint) => model.databags(endpoint))]);
    for (const secret of [clientSecret, cookieSecret]) expect(visible).not.toContain(secret);
  });

  test("nothing starts twice: a settled model does not restart its services", async () => {
    const { model } = await settledDatabags(1);
    const before = model.starts("traefik-public", "traefik");
    model.advance(6 * 60_000);
    await model.settle();
    expect(model.starts("traefik-public", "traefik")).toEqual(before);
  });
});
