import type { CharmContract, CharmProgram } from "charmed-iap/charm";
import { type State, transition } from "charmed-iap/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import hydra from "../../charms/hydra/charm.ts";
import oauth2Proxy from "../../charms/oauth2-proxy-k8s/charm.ts";
import certificates from "../../charms/self-signed-certificates/charm.ts";
import { traefik } from "../../charms/traefik-k8s/charm.ts";
import whoami from "../../charms/whoami-k8s/charm.ts";
import { FakeCluster } from "./fake-cluster.ts";
import { fakeHydra } from "./topology.ts";

const cluster = new FakeCluster({ address: "gw.test", ports: [80, 443] });
const charms: readonly CharmProgram[] = [hydra, oauth2Proxy, certificates, traefik(() => cluster), whoami];

/** Commands that any of the containers answers. */
const exec = {
  hydra: fakeHydra(),
  "traefik version": { stdout: "Version: 3.6.12\n" },
  "update-ca-certificates": {},
  "/bin/oauth2-proxy": { stdout: "v7.15.3\n" },
};

interface Endpoint {
  readonly charm: CharmProgram;
  readonly name: string;
  /** Keys that the other side may write. */
  readonly keys: readonly string[];
}

function endpointsOf(charm: CharmProgram): Endpoint[] {
  const { requires = {}, provides = {} } = charm.contract;
  return Object.entries({ ...requires, ...provides }).map(([name, { remote }]) => {
    const entries = (remote.app?.schema as { entries?: object } | undefined)?.entries ?? {};
    return { charm, name, keys: [...Object.keys(entries), ...knownKeys] };
  });
}

const knownKeys = [
  "ingress",
  "certificates",
  "certificate_signing_requests",
  "config",
  "app_names",
  "port",
  "name",
  "model",
];

async function run({ charm, name }: Endpoint, app: Record<string, string>, unit: Record<string, string>) {
  const containers = Object.fromEntries(
    Object.keys(charm.contract.containers ?? {}).map((key) => [key, { exec }]),
  );
  const state = {
    leader: true,
    containers,
    relations: { [name]: [{ remoteApp: "other", remoteAppRaw: app, units: { 0: { raw: unit } } }] },
  };
  return transition(charm, { event: `${name}-relation-changed` } as never, state as State<CharmContract>);
}

const junk = fc.oneof(
  fc.string(),
  fc.json(),
  fc.constantFrom(
    "null",
    "[]",
    "{}",
    '""',
    "[null]",
    '[{"a":1}]',
    "{{ env }}",
    "\u0000",
    "-----BEGIN CERTIFICATE-----",
    "1e999",
    "True",
  ),
);

describe.each(
  charms
    .flatMap(endpointsOf)
    .map((endpoint) => [`${endpoint.charm.contract.name}:${endpoint.name}`, endpoint] as const),
)("%s", (_title, endpoint) => {
  test("junk in either databag ends in a status, never in a failed hook", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.constantFrom(...endpoint.keys), junk, { maxKeys: 6 }),
        fc.dictionary(fc.constantFrom(...endpoint.keys, "host", "ip"), junk, { maxKeys: 3 }),
        async (app, unit) => {
          const { status } = await run(endpoint, withoutEmpty(app), withoutEmpty(unit));
          expect(["active", "waiting", "blocked", "maintenance"]).toContain(status?.name);
        },
      ),
      { numRuns: 60 },
    );
  });
});

/** Juju keeps no empty values. */
const withoutEmpty = (bag: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(bag).filter(([, value]) => value !== ""));

describe("the status names the endpoint and the path", () => {
  test.each<[string, CharmProgram, string, Record<string, string>, string]>([
    [
      "oauth2-proxy-k8s",
      oauth2Proxy,
      "auth-proxy",
      { protected_urls: "{", headers: "[]" },
      "auth-proxy: invalid data from other: protected_urls",
    ],
    [
      "traefik-k8s",
      traefik(() => cluster),
      "ingress",
      { model: '"m"', name: '"n"', port: '"x"' },
      "ingress: invalid data from other: port",
    ],
    [
      "traefik-k8s",
      traefik(() => cluster),
      "experimental-forward-auth",
      { decisions_address: "nonsense", app_names: "[]" },
      "experimental-forward-auth: invalid data from other: decisions_address",
    ],
    [
      "oauth2-proxy-k8s",
      oauth2Proxy,
      "ingress",
      { ingress: '{"url": 7}' },
      "ingress: invalid data from other: ingress.url",
    ],
  ])("%s, on a bad databag", async (_title, charm, name, app, expected) => {
    const { status } = await run({ charm, name, keys: [] }, app, {});
    expect(`${status?.name}: ${status?.message}`).toContain(`blocked: ${expected}`);
  });
});
