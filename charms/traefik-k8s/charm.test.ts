import { blocked, waiting } from "charmed-iap/charm";
import { createAuthority, generateKey, signRequest } from "charmed-iap/interfaces/tls-certificates/v1";
import { type Cluster, KubernetesError } from "charmed-iap/kubernetes";
import { type StateOf, transition } from "charmed-iap/testing";
import { contractTests, interruptionTests } from "charmed-iap/testing/vitest";
import { describe, expect, test } from "vitest";
import { traefik } from "./charm.ts";

/** A cluster whose load balancer has this address; an error is what every call is answered with. */
function cluster(address: string | undefined, error?: Error): () => Cluster {
  const ingress = address === undefined ? [] : [{ hostname: address }];
  return () => ({
    namespace: "m",
    async request({ body }) {
      if (error) throw error;
      return { ...(body as object | undefined), status: { loadBalancer: { ingress } } };
    },
  });
}
const charm = traefik(cluster("gw.test"));
const noAddress = traefik(cluster(undefined));

const exec = { "traefik version": { stdout: "Version: 3.6.12\n" }, "update-ca-certificates": {} };
const whoami = {
  id: 5,
  remoteApp: "whoami",
  remoteAppData: { model: "m", name: "whoami", port: 8080, "strip-prefix": true },
  units: { 0: { data: { host: "whoami-0.test" } } },
};
const point = {
  id: 6,
  remoteApp: "proxy",
  remoteAppData: { decisions_address: "http://proxy.test:4180", app_names: ["whoami"], headers: [] },
};
const served = {
  mode: "path",
  scheme: "http",
  host: "old.test",
  authority: "old.test",
  httpsPort: 443,
} as const;
const open = {
  leader: true,
  containers: { traefik: { exec } },
  relations: { peers: {}, ingress: whoami },
} satisfies StateOf<typeof charm>;
const guarded = {
  ...open,
  config: { enable_experimental_forward_auth: true },
  relations: { ...open.relations, "experimental-forward-auth": point },
} satisfies StateOf<typeof charm>;

const routes = (files: Readonly<Record<string, string>>) =>
  files["/opt/traefik/juju/juju_ingress_ingress_5_whoami.yaml"] ?? "";
const run = (state: StateOf<typeof charm>, program = charm) => transition(program, "config-changed", state);

describe("address", () => {
  test("is said to the application", async () => {
    const { status, relations } = await run(open);
    expect(status).toEqual({ name: "active", message: "Serving at http://gw.test" });
    expect(relations.ingress[0]?.localAppData).toEqual({ ingress: '{"url":"http://gw.test/m-whoami"}' });
  });

  test.each([
    [{ routing_mode: "nonsense" }, "invalid routing mode: nonsense; see logs."],
    [{ routing_mode: "subdomain" }, '"external_hostname" must be set while using routing mode "subdomain"'],
    [{ external_hostname: "http://x" }, "invalid hostname: http://x; see logs."],
  ])("%j blocks, and the routes stay protected (absent weak points 4 and 6)", async (config, message) => {
    const relations = { ...guarded.relations, peers: { localUnitData: { served } } };
    const state = { ...guarded, relations, config: { ...guarded.config, ...config } };
    const { status, containers } = await run(state);
    expect(status).toEqual(blocked(message));
    expect(routes(containers.traefik.files)).toContain("forwardAuth");
  });

  test("a load balancer without address wipes no URL, and protection goes on (absent weak point 1)", async () => {
    const relations = {
      ...guarded.relations,
      ingress: { ...whoami, localAppData: { ingress: { url: "http://old.test/m-whoami" } } },
      peers: { localUnitData: { served } },
    };
    const after = await run({ ...guarded, relations }, noAddress);
    expect(after.status).toEqual(
      blocked("Traefik load balancer is unable to obtain an IP or hostname from the cluster."),
    );
    expect(after.relations.ingress[0]?.localAppData["ingress"]).toContain("http://old.test/m-whoami");
    expect(routes(after.containers.traefik.files)).toContain("forwardAuth");
  });

  test("a host name without a load balancer's address waits", async () => {
    const { status } = await run({ ...open, config: { external_hostname: "gw.example.com" } }, noAddress);
    expect(status).toEqual(waiting("Load balancer service has not yet obtained an external address."));
  });

  test("untrusted by Kubernetes", async () => {
    const error = new KubernetesError({ code: "ERR_KUBERNETES_API", status: 403, message: "no" });
    const { status } = await run(open, traefik(cluster(undefined, error)));
    expect(status).toEqual(
      blocked("Kubernetes refuses the Service: not permitted, run: juju trust traefik-k8s --scope=cluster"),
    );
  });

  test("bad annotations leave the address (absent: an invalid value removes the Service)", async () => {
    const { status, relations } = await run({ ...open, config: { loadbalancer_annotations: "nonsense" } });
    expect(status.message).toContain("loadbalancer_annotations");
    expect(relations.ingress[0]?.localAppData["ingress"]).toContain("gw.test");
  });
});

describe("protection", () => {
  test("asks the decision point", async () => {
    const { containers, relations } = await run(guarded);
    expect(routes(containers.traefik.files)).toContain("http://proxy.test:4180");
    expect(relations.peers[0]?.localAppData["protected"]).toBe('{"whoami":6}');
    expect(relations["experimental-forward-auth"][0]?.localAppData["ingress_app_names"]).toBe('["whoami"]');
  });

  test("with the option off the route is closed, and the unit blocked (absent weak point 4)", async () => {
    const { status, containers } = await run({ ...guarded, config: {} });
    expect(routes(containers.traefik.files)).toContain('"servers": []');
    expect(status).toEqual(
      blocked(
        "1 protected application is closed: set enable_experimental_forward_auth, or run release-protection",
      ),
    );
  });

  test("is remembered when the relation is gone", async () => {
    const peers = { localAppData: { protected: { whoami: 6 } } };
    const { status, containers } = await run({
      ...guarded,
      relations: { ...open.relations, peers },
    });
    expect(routes(containers.traefik.files)).toContain('"servers": []');
    expect(status.message).toContain("relate experimental-forward-auth");
  });

  test("followers see it too (absent weak point 17)", async () => {
    const { containers } = await run({ ...guarded, leader: false });
    expect(routes(containers.traefik.files)).toContain("forwardAuth");
  });

  test("a Traefik that does not start loses no memory of whom to protect", async () => {
    const containers = { traefik: { exec, failing: { traefik: "exited" } } };
    const { status, relations } = await run({ ...guarded, containers });
    expect(status.name).toBe("waiting");
    expect(relations.peers[0]?.localAppData["protected"]).toBe('{"whoami":6}');
  });

  test("a malformed basic_auth_user closes, it does not open (absent weak point 15)", async () => {
    const { status, containers } = await run({ ...open, config: { basic_auth_user: "nocolon" } });
    expect(status.message).toContain("config: basic_auth_user must be name:hash");
    expect(routes(containers.traefik.files)).toContain('"servers": []');
    expect(routes(containers.traefik.files)).not.toContain("nocolon");
  });
});

describe("workload", () => {
  test("a container that does not answer", async () => {
    const { status } = await run({ ...open, containers: { traefik: { canConnect: false } } });
    expect(status).toEqual(waiting("waiting for service: 'traefik'"));
  });
});

describe("certificates", () => {
  const withAuthority = { ...open, relations: { ...open.relations, certificates: { remoteApp: "ca" } } };
  test("none yet: nothing is published, the key is in a secret only", async () => {
    const { status, relations, secrets, logs } = await run(withAuthority);
    expect(status).toEqual({ name: "active", message: "Certificate not available yet" });
    expect(relations.ingress[0]?.localAppData).toEqual({});
    expect(relations.certificates[0]?.localAppData["certificate_signing_requests"]).toContain("REQUEST");
    const key = secrets.flatMap(({ content }) => content["private-key"] ?? [])[0] ?? "";
    expect(key).toContain("PRIVATE KEY");
    expect(JSON.stringify([relations, logs])).not.toContain("PRIVATE KEY");
  });
  const NOW = Date.UTC(2026, 0, 1);
  const DAY = 86_400_000;
  /** The state after the first hook, answered with a certificate that ends after so many days. */
  async function issued(days: number) {
    const first = await run(withAuthority);
    const secrets = first.secrets.map(({ label, content }) => ({ owner: "app" as const, label, content }));
    const csr = String(secrets[0]?.content["csr"]);
    const privateKey = await generateKey("ec-p256");
    const lives = { notBefore: NOW - 90 * DAY, notAfter: NOW + days * DAY };
    const ca = await createAuthority({ commonName: "ca", privateKey, ...lives });
    const certificate = await signRequest({
      authority: { certificate: ca, privateKey },
      csr,
      ca: false,
      ...lives,
    });
    const answer = { certificate_signing_request: csr, certificate, ca, chain: [certificate, ca] };
    const certificates = { remoteApp: "ca", remoteAppData: { certificates: [answer] } };
    return { csr, certificate, state: { ...open, secrets, relations: { ...open.relations, certificates } } };
  }
  test("issued: served, and the URLs turn to https", async () => {
    const { state, certificate } = await issued(90);
    const { status, relations, containers } = await run(state);
    expect(status.message).toBe("Serving at https://gw.test");
    expect(relations.ingress[0]?.localAppData["ingress"]).toContain("https://gw.test/m-whoami");
    expect(containers.traefik.files["/opt/traefik/juju/gateway.cert"]).toContain(certificate.trim());
  });
  test("about to end: another is asked for, and the old one served meanwhile", async () => {
    const { state, csr, certificate } = await issued(1);
    const { relations, containers } = await run(state);
    const asked = relations.certificates[0]?.localAppData["certificate_signing_requests"] ?? "";
    expect(asked).toContain("REQUEST");
    expect(JSON.parse(asked)[0].certificate_signing_request.trim()).not.toBe(csr.trim());
    expect(containers.traefik.files["/opt/traefik/juju/gateway.cert"]).toContain(certificate.trim());
  });
  test("another host name is another request", async () => {
    const { state, csr } = await issued(90);
    const { status, relations } = await run({ ...state, config: { external_hostname: "new.test" } });
    const asked = relations.certificates[0]?.localAppData["certificate_signing_requests"] ?? "";
    expect(JSON.parse(asked)[0].certificate_signing_request.trim()).not.toBe(csr.trim());
    expect(status.message).toBe("Certificate not available yet");
  });
  test("denied: blocked with the authority's words", async () => {
    const { state, csr } = await issued(90);
    const error = { code: 1, name: "other", message: "not for you" };
    const certificates = { remoteApp: "ca", remoteAppData: { request_errors: [{ csr, error }] } };
    const { status } = await run({ ...state, relations: { ...state.relations, certificates } });
    expect(status).toEqual(blocked("certificates: request refused: not for you"));
  });
  test("a follower asks for nothing", async () => {
    const { relations } = await run({ ...withAuthority, leader: false });
    expect(relations.certificates[0]?.localAppData).toEqual({});
  });
});

describe("actions", () => {
  test("show-proxied-endpoints shows the gateway itself, also in subdomain mode (absent weak point 9)", async () => {
    const before = { ...served, mode: "subdomain" as const };
    const ingress = { ...whoami, localAppData: { ingress: { url: "http://m-whoami.old.test/" } } };
    const state = { ...open, relations: { ingress, peers: { localUnitData: { served: before } } } };
    const { action } = await transition(charm, { action: "show-proxied-endpoints" }, state);
    expect(JSON.parse(String(action?.results["proxied-endpoints"]))).toEqual({
      "traefik-k8s": { url: "http://old.test" },
      whoami: { url: "http://m-whoami.old.test/" },
    });
  });
  test("without an address there is nothing to show", async () => {
    const { action } = await transition(charm, { action: "show-external-endpoints" }, open);
    expect(action?.results["external-endpoints"]).toBe("{}");
  });
  test.each([
    [{ ...guarded, leader: false }, "Run this action on the leader"],
    [open, "whoami is not protected"],
  ])("release-protection refuses", async (state, failure) => {
    const input = { action: "release-protection", params: { application: "whoami" } } as const;
    expect((await transition(charm, input, state)).action?.failure).toBe(failure);
  });
});

describe("received authorities", () => {
  const pem = async () =>
    createAuthority({
      commonName: "ca",
      privateKey: await generateKey("ec-p256"),
      notBefore: Date.parse("2026-01-01"),
      notAfter: Date.parse("2027-01-01"),
    });

  test("are written, trusted, and restart Traefik once", async () => {
    const certificates = [await pem()];
    const first = await run(open);
    const { files, plan } = first.containers.traefik;
    const layers = { traefik: plan as never };
    const state = {
      ...open,
      containers: { traefik: { exec, files, layers } },
      relations: {
        ...open.relations,
        "receive-ca-cert": { remoteApp: "ca", remoteAppData: { certificates, version: 1 } },
      },
    } satisfies StateOf<typeof charm>;
    const changed = await run(state);
    expect(
      changed.containers.traefik.files["/usr/local/share/ca-certificates/receive-ca-cert-0.crt"],
    ).toContain("BEGIN CERTIFICATE");
    expect(changed.containers.traefik.starts["traefik"]).toBeGreaterThan(0);
    const again = await run({
      ...state,
      containers: {
        traefik: {
          exec,
          files: changed.containers.traefik.files,
          layers: { traefik: changed.containers.traefik.plan as never },
        },
      },
    });
    expect(again.containers.traefik.files).toEqual(changed.containers.traefik.files);
  });
});

describe("release-protection", () => {
  const action = { action: "release-protection", params: { application: "whoami" } } as const;
  const peers = { localAppData: { protected: { whoami: 6 } } };

  test("refuses what its decision point still lists", async () => {
    const { action: outcome, relations } = await transition(charm, action, {
      ...guarded,
      relations: { ...guarded.relations, peers },
    });
    expect(outcome?.failure).toContain("is protected by its decision point");
    expect(relations.peers[0]?.localAppData["protected"]).toBe('{"whoami":6}');
  });

  test("lets go what nobody lists any more", async () => {
    const state = { ...open, relations: { ...open.relations, peers } };
    const { action: outcome, relations } = await transition(charm, action, state);
    expect(outcome?.results).toEqual({ released: "whoami" });
    expect(relations.peers[0]?.localAppData["protected"]).toBe("{}");
  });

  test("refuses what is not protected, and followers", async () => {
    expect((await transition(charm, action, open)).action?.failure).toBe("whoami is not protected");
    const follower = { ...open, leader: false, relations: { ...open.relations, peers } };
    expect((await transition(charm, action, follower)).action?.failure).toBe("Run this action on the leader");
  });
});

test("basic_auth_user is asked for behind the decision", async () => {
  const { containers } = await run({ ...open, config: { basic_auth_user: "ada:$apr1$x$y" } });
  const { http } = JSON.parse(routes(containers.traefik.files)) as {
    http: { routers: Record<string, { middlewares: string[] }>; middlewares: Record<string, unknown> };
  };
  expect(http.routers["juju-m-whoami-router"]?.middlewares.at(-1)).toBe("juju-basic-auth-m-whoami");
  expect(http.middlewares["juju-basic-auth-m-whoami"]).toEqual({ basicAuth: { users: ["ada:$apr1$x$y"] } });
});

test("a memory of protected applications that cannot be read is kept, and opens no route", async () => {
  const peers = { localAppRaw: { protected: '["whoami"]' } };
  const { status, relations, containers } = await run({ ...open, relations: { ...open.relations, peers } });
  expect(status.name).toBe("blocked");
  expect(status.message).toContain("peers: invalid data");
  expect(relations.peers[0]?.localAppData).toEqual(peers.localAppRaw);
  expect(routes(containers.traefik.files)).toBe("");
});

contractTests(charm, { state: guarded });
interruptionTests(charm, ["config-changed", "traefik-pebble-ready"], open);
interruptionTests(
  charm,
  ["ingress-relation-changed", "experimental-forward-auth-relation-changed", "upgrade-charm"],
  guarded,
);
