/**
 * How many transitions and settled models a second tests can afford. Prints; asserts nothing.
 *
 * Usage: `node --conditions=charmed-iap:source lib/testing/bench/transitions.ts [--runs N]`
 */

import { parseArgs } from "node:util";
import proxy from "../../charm/testdata/charm.ts";
import { grafana, hydra, traefik } from "../../charm/testdata/stand-ins.ts";
import { FakeModel, transition } from "../index.ts";

const { values } = parseArgs({ options: { runs: { type: "string", default: "300" } } });
const runs = Number(values.runs);

const state = {
  leader: true,
  relations: {
    ingress: { remoteAppData: { ingress: { url: "https://gw.example.com/a" } } },
    oauth: {
      remoteAppData: { issuer_url: "https://id.example.com", client_id: "c", client_secret_id: "secret:1" },
    },
  },
};

async function perSecond(count: number, act: (index: number) => Promise<unknown>): Promise<number> {
  await act(0);
  const start = performance.now();
  for (let index = 1; index <= count; index++) await act(index);
  return (count * 1000) / (performance.now() - start);
}

async function model(seed: number): Promise<void> {
  const fake = new FakeModel({ seed });
  for (const charm of [hydra, traefik, grafana]) fake.deploy(charm);
  fake.deploy(proxy, "auth");
  fake.integrate("auth:ingress", "traefik:ingress");
  fake.integrate("auth:oauth", "hydra:oauth");
  fake.integrate("grafana:auth", "auth:auth-proxy");
  fake.integrate("traefik:auth", "auth:forward-auth");
  await fake.settle();
}

const transitions = await perSecond(runs, () => transition(proxy, "config-changed", state));
console.log(`transitions a second                ${transitions.toFixed(0)}`);
const models = await perSecond(Math.ceil(runs / 10), model);
console.log(`models of 4 charms settled a second ${models.toFixed(1)}`);
