import { readFileSync } from "node:fs";
import path from "node:path";
import type { CharmProgram } from "charmed-iap/charm";
import { transition } from "charmed-iap/testing";
import { describe, expect, inject, test } from "vitest";
import hydra from "../../charms/hydra/charm.ts";
import oauth2Proxy from "../../charms/oauth2-proxy-k8s/charm.ts";
import certificates from "../../charms/self-signed-certificates/charm.ts";
import traefik from "../../charms/traefik-k8s/charm.ts";
import whoami from "../../charms/whoami-k8s/charm.ts";

const packed = inject("packed");
const ran = (name: string): number =>
  readFileSync(path.join(packed, "hooks.log"), "utf8")
    .split("\n")
    .filter((line) => line === name).length;

const charms: readonly CharmProgram[] = [hydra, oauth2Proxy, certificates, traefik, whoami];

describe.each(charms)("$contract.name", (charm) => {
  test("a hook of a test runs the packed charm", async () => {
    const { name, containers = {} } = charm.contract;
    const before = ran(name);
    const away = Object.fromEntries(Object.keys(containers).map((each) => [each, { canConnect: false }]));
    const { commands, status } = await transition(charm, "config-changed", { containers: away });
    expect(ran(name)).toBeGreaterThan(before);
    expect(commands.at(-1)).toMatch(/^status-set /);
    expect(status.name).not.toBe("unknown");
  });
});

test("a packed charm that is killed has failed", async () => {
  await expect(transition(whoami, "install", { faults: { killedAfter: 2 } })).rejects.toThrow(
    "Cannot run install on whoami-k8s/0: the hook failed",
  );
});
