import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { active, defineCharm } from "charmed-iap/charm";
import { rockLayer, transition } from "charmed-iap/testing";
import { afterAll, expect, test } from "vitest";

const folder = mkdtempSync(path.join(tmpdir(), "rock-"));
afterAll(() => rmSync(folder, { recursive: true }));

function rock(text: string): string {
  const file = path.join(folder, "rockcraft.yaml");
  writeFileSync(file, text);
  return file;
}

test("a container begins with what the image's rockcraft.yaml says", async () => {
  const file = rock(`
name: web
base: ubuntu@24.04
summary: Not a layer's.
services:
  web: {override: replace, command: /bin/web, startup: enabled}
checks:
  up: {override: replace, tcp: {port: 80}}
parts: {web: {plugin: nil}}
`);
  const charm = defineCharm({ name: "web", summary: "x", containers: { web: { image: "i" } } }).implement({
    reconcile: async ({ containers: { web } }) => active(`${await web.running("web")}`),
  });
  const layers = { rock: await rockLayer(file) };
  const { status, containers } = await transition(charm, "web-pebble-ready", {
    containers: { web: { layers } },
  });
  expect(status).toEqual(active("true"));
  expect(containers.web.plan?.checks).toEqual({
    up: { override: "replace", tcp: { port: 80 } },
  });
});

test("one without services has none, and what Pebble would refuse is refused", async () => {
  expect(await rockLayer(rock("name: web\n"))).toEqual({ services: {}, checks: {} });
  await expect(rockLayer(rock("services: {web: {comand: x}}"))).rejects.toThrow(/comand/);
});
