/** Nine applications: the tutorial's, a second gateway, and stand-ins of what the identity platform has beside them. @module */

import { active, type CharmProgram, defineCharm } from "charmed-iap/charm";
import { databag, defineInterface } from "charmed-iap/interface";
import { appHost, ingress } from "charmed-iap/interfaces/ingress/v2";
import type { FakeModel } from "charmed-iap/testing";
import * as v from "valibot";
import { traefik } from "../../charms/traefik-k8s/charm.ts";
import { FakeCluster } from "./fake-cluster.ts";
import { gatewayOptions, type TopologyOptions, topology } from "./topology.ts";

const database = defineInterface({
  name: "postgresql_client",
  version: 0,
  provider: databag(v.object({ endpoints: v.string(), "secret-user": v.string() })),
  requirer: databag(v.object({ database: v.string() })),
});

const kratosInfo = defineInterface({
  name: "kratos_info",
  version: 0,
  provider: databag(v.object({ admin_endpoint: v.string(), public_endpoint: v.string() })),
  requirer: {},
});

const postgresql = defineCharm({
  name: "postgresql-k8s",
  summary: "A database, as far as its clients see one.",
  provides: { database: database.provider({ optional: true }) },
}).implement({
  async reconcile({ app, model, relations, secrets }) {
    for (const relation of relations.database.ready) {
      const name = relation.data.database;
      const password = await secrets.ensure(`user-${relation.id}`, () => ({ username: name, password: "x" }));
      if (password === undefined) continue;
      secrets.grant(password, relation);
      relation.publish({ endpoints: `${appHost(app, model)}:5432`, "secret-user": password.id });
    }
    return active();
  },
});

const KRATOS_PORT = 4433;

const kratos = defineCharm({
  name: "kratos",
  summary: "People and how they sign in, as far as others see it.",
  provides: { "kratos-info": kratosInfo.provider({ optional: true }) },
  requires: {
    "pg-database": database.requirer({ limit: 1 }),
    "public-ingress": ingress.requirer({ limit: 1 }),
    "admin-ingress": ingress.requirer({ limit: 1 }),
  },
  containers: { kratos: { image: "kratos-image" } },
}).implement({
  async reconcile({ app, model, unit, relations, secrets, containers }) {
    const { "pg-database": db, "public-ingress": front, "admin-ingress": admin } = relations;
    db.publish({ database: `${model}_${app}` });
    for (const [gateway, port] of [
      [front, KRATOS_PORT],
      [admin, KRATOS_PORT + 1],
    ] as const) {
      gateway.publish({ name: app, model, port });
      gateway.publishUnit({ host: `${unit.replace("/", "-")}.${appHost(app, model)}` });
    }
    const host = `http://${appHost(app, model)}`;
    relations["kratos-info"].publish({
      admin_endpoint: `${host}:${KRATOS_PORT + 1}`,
      public_endpoint: `${host}:${KRATOS_PORT}`,
    });
    if (db.state !== "ready") return db.status;
    if (front.state !== "ready") return front.status;
    const { username, password } = await secrets.get(db.data["secret-user"]);
    await containers.kratos.apply({
      services: { kratos: { command: "kratos serve all --config /etc/config/kratos.yaml" } },
      files: {
        "/etc/config/kratos.yaml": JSON.stringify({
          dsn: `postgres://${username?.reveal()}:${password?.reveal()}@${db.data.endpoints}/${model}_${app}`,
          serve: { public: { base_url: front.data.ingress.url } },
        }),
      },
    });
    return active();
  },
});

const loginUi = defineCharm({
  name: "identity-platform-login-ui-operator",
  summary: "Pages for signing in, as far as others see them.",
  requires: {
    ingress: ingress.requirer({ limit: 1 }),
    "kratos-info": kratosInfo.requirer({ limit: 1 }),
  },
  containers: { "login-ui": { image: "login-ui-image" } },
}).implement({
  async reconcile({ app, model, unit, relations, containers }) {
    relations.ingress.publish({ name: app, model, port: 8080 });
    relations.ingress.publishUnit({ host: `${unit.replace("/", "-")}.${appHost(app, model)}` });
    const { ingress: front, "kratos-info": people } = relations;
    if (people.state !== "ready") return people.status;
    if (front.state !== "ready") return front.status;
    const environment = { KRATOS_PUBLIC_URL: people.data.public_endpoint, BASE_URL: front.data.ingress.url };
    await containers["login-ui"].apply({ services: { "login-ui": { command: "login-ui", environment } } });
    return active();
  },
});

/** Deploys and integrates all nine; nothing has run yet. */
export function identityPlatform(options: TopologyOptions): FakeModel {
  const model = topology(options);
  const cluster = new FakeCluster({ address: "admin.localhost", ports: [8080, 8443] });
  model.deploy(
    traefik(() => cluster),
    "traefik-admin",
    gatewayOptions,
  );
  const others: readonly (readonly [CharmProgram, string])[] = [
    [postgresql, "postgresql"],
    [kratos, "kratos"],
    [loginUi, "login-ui"],
  ];
  for (const [charm, app] of others) model.deploy(charm, app);
  model.integrate("kratos:pg-database", "postgresql:database");
  model.integrate("traefik-public:ingress", "kratos:public-ingress");
  model.integrate("traefik-admin:ingress", "kratos:admin-ingress");
  model.integrate("traefik-public:ingress", "login-ui:ingress");
  model.integrate("login-ui:kratos-info", "kratos:kratos-info");
  model.integrate("traefik-admin:certificates", "self-signed-certificates:certificates");
  return model;
}
