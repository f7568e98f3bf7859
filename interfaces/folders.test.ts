import { readdirSync, readFileSync } from "node:fs";
import { type AnyDatabag, decode, encode, type RawDatabag, type Side } from "charmed-iap/interface";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { authProxy } from "./auth_proxy/v0/index.ts";
import { certificateTransferV0 } from "./certificate_transfer/v0/index.ts";
import { certificateTransfer } from "./certificate_transfer/v1/index.ts";
import { forwardAuth } from "./forward_auth/v0/index.ts";
import { grafanaDashboard } from "./grafana_dashboard/v0/index.ts";
import { ingress } from "./ingress/v2/index.ts";
import { lokiPushApi } from "./loki_push_api/v1/index.ts";
import { oauth } from "./oauth/v0/index.ts";
import { prometheusScrape } from "./prometheus_scrape/v0/index.ts";
import { tlsCertificates } from "./tls-certificates/v1/index.ts";
import { tracing } from "./tracing/v2/index.ts";
import { traefikRoute } from "./traefik_route/v0/index.ts";

const all = [
  authProxy,
  certificateTransferV0,
  certificateTransfer,
  forwardAuth,
  grafanaDashboard,
  ingress,
  lokiPushApi,
  oauth,
  prometheusScrape,
  tlsCertificates,
  tracing,
  traefikRoute,
];
const folders = all.map((one) => ({ folder: `${one.name}/v${one.version}`, one }));
const here = (path: string): URL => new URL(path, import.meta.url);

test("every folder with a version is one of the interfaces, and is exported by the package", () => {
  const found = readdirSync(here("."), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) =>
      readdirSync(here(name))
        .filter((inner) => /^v\d+$/.test(inner))
        .map((inner) => `${name}/${inner}`),
    );
  expect(found.sort()).toEqual(folders.map(({ folder }) => folder).sort());
  const { exports } = JSON.parse(readFileSync(here("../package.json"), "utf8")) as { exports: object };
  expect(Object.keys(exports)).toEqual(
    expect.arrayContaining(found.map((folder) => `./interfaces/${folder}`)),
  );
});

describe.each(folders)("$folder", ({ folder, one }) => {
  test("interface.yaml names it as the code does", () => {
    const yaml = parse(readFileSync(here(`${folder}/interface.yaml`), "utf8")) as Record<string, unknown>;
    expect(yaml).toMatchObject({ name: one.name, version: one.version, status: "published" });
    expect(yaml["providers"]).not.toEqual([]);
  });

  const examples = readdirSync(here(`${folder}/examples`));
  test.each(examples)("example %s is what ours writes, byte for byte, and is read", (file) => {
    const example = JSON.parse(readFileSync(here(`${folder}/examples/${file}`), "utf8")) as Example;
    for (const role of ["provider", "requirer"] as const) {
      for (const [bag, raw] of Object.entries(example[role] ?? {})) {
        const databag = (one.sides[role] as Side)[bag as "app" | "unit"] as AnyDatabag;
        const values = databag.codec.decode(raw);
        expect(values.ok && databag.codec.encode(values.value as Record<string, unknown>)).toEqual(raw);
        expect(decode(databag, raw).state).toBe(
          /yet/.test(file) && awaited(databag, raw) ? "pending" : "ready",
        );
      }
    }
  });

  test("both roles know what they write and what they read", () => {
    const provider = one.provider({ limit: 1 });
    const requirer = one.requirer({ optional: true });
    expect(provider.local).toBe(requirer.remote);
    expect(requirer.local).toBe(provider.remote);
    expect([provider.role, provider.options]).toEqual(["provider", { limit: 1 }]);
  });
});

type Example = { readonly [R in "provider" | "requirer"]?: Record<string, RawDatabag> };

function awaited(databag: AnyDatabag, raw: RawDatabag): boolean {
  return databag.awaits.some((key) => raw[key] === undefined);
}

test("written databags are encoded in one order", () => {
  const data = { decisions_address: "http://a.test:1", app_names: ["b", "a", "b"], headers: ["Y", "X"] };
  const raw = encode(forwardAuth.sides.provider.app, data);
  expect(Object.entries(raw)).toEqual([
    ["app_names", '["a","b"]'],
    ["decisions_address", "http://a.test:1"],
    ["headers", '["X","Y"]'],
  ]);
});
