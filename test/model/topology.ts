/** The tutorial's applications in one model, with what their containers answer. @module */

import type { ExecHandler } from "charmed-iap/testing";
import { FakeModel } from "charmed-iap/testing";
import hydra from "../../charms/hydra/charm.ts";
import oauth2Proxy from "../../charms/oauth2-proxy-k8s/charm.ts";
import certificates from "../../charms/self-signed-certificates/charm.ts";
import { traefik } from "../../charms/traefik-k8s/charm.ts";
import whoami from "../../charms/whoami-k8s/charm.ts";
import { FakeCluster } from "./fake-cluster.ts";

/** Answers `hydra` in a container as the stand-in does: clients in memory, identifiers by number. */
export function fakeHydra(): ExecHandler {
  const clients = new Map<string, Record<string, unknown>>();
  let made = 0;
  const option = (command: readonly string[], flag: string): string[] =>
    command.flatMap((word, index) => (command[index - 1] === flag ? [word] : []));
  const body = (command: readonly string[]) => ({
    redirect_uris: option(command, "--redirect-uri"),
    grant_types: option(command, "--grant-type"),
    scope: option(command, "--scope").join(" "),
    metadata: JSON.parse(option(command, "--metadata")[0] ?? "{}") as unknown,
  });
  return (command) => {
    const [, verb, noun, id = ""] = command;
    const json = (value: unknown) => ({ stdout: `${JSON.stringify(value)}\n` });
    if (verb === "version") return { stdout: "Version:    v2.3.0\nBuild:      charmed-iap stand-in\n" };
    if (verb === "list") return json({ items: [...clients.values()] });
    if (verb === "create" && noun === "client") {
      made += 1;
      const client = { client_id: `client-${made}-x`, ...body(command) };
      clients.set(client.client_id, client);
      return json({ ...client, client_secret: `secret of ${client.client_id}` });
    }
    if (!clients.has(id)) return { stderr: "404: Unable to locate the resource\n", exitCode: 1 };
    if (verb === "update") clients.set(id, { client_id: id, ...body(command) });
    if (verb === "delete") clients.delete(id);
    return json(verb === "delete" ? id : clients.get(id));
  };
}

/** How a gateway is deployed: trusted, with the programs of its image. */
export const gatewayOptions = {
  trust: true,
  containers: {
    traefik: { exec: { "traefik version": { stdout: "Version: 3.6.12\n" }, "update-ca-certificates": {} } },
  },
} as const;

/** What is deployed, and how. */
export interface TopologyOptions {
  readonly seed: number;
  readonly cluster?: FakeCluster;
}

/** Deploys and integrates everything, `auth-proxy` before `ingress`; nothing has run yet. */
export function topology({ seed, cluster }: TopologyOptions): FakeModel {
  const model = new FakeModel({ name: "iam", seed });
  deployTopology(model, cluster);
  return model;
}

/** The same in a model that is there. */
export function deployTopology(model: FakeModel, cluster?: FakeCluster): void {
  const kubernetes = cluster ?? new FakeCluster({ address: "gw.localhost", ports: [8080, 8443] });
  model.deploy(certificates);
  model.deploy(
    traefik(() => kubernetes),
    "traefik-public",
    { ...gatewayOptions, config: { enable_experimental_forward_auth: true } },
  );
  model.deploy(hydra, "hydra", { containers: { hydra: { exec: { hydra: fakeHydra() } } } });
  model.deploy(oauth2Proxy, "oauth2-proxy", {
    containers: {
      "oauth2-proxy": { exec: { "/bin/oauth2-proxy --version": { stdout: "oauth2-proxy v7.15.3\n" } } },
    },
  });
  model.deploy(whoami, "whoami");
  model.integrate("oauth2-proxy:auth-proxy", "whoami:auth-proxy");
  model.integrate("oauth2-proxy:forward-auth", "traefik-public:experimental-forward-auth");
  model.integrate("traefik-public:certificates", "self-signed-certificates:certificates");
  model.integrate("traefik-public:traefik-route", "hydra:public-route");
  model.integrate("traefik-public:ingress", "oauth2-proxy:ingress");
  model.integrate("hydra:oauth", "oauth2-proxy:oauth");
  model.integrate("self-signed-certificates:send-ca-cert", "oauth2-proxy:receive-ca-cert");
  model.integrate("traefik-public:ingress", "whoami:ingress");
}
