import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { HookWorld, WorldSecret } from "../world.ts";
import { HookContext } from "./context.ts";

/** Calls made on real units of Juju 4.0.15: what the real controller says. */
interface Recorded {
  readonly unit: string;
  readonly cmd: string;
  readonly status: string;
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const file = new URL("../../../test/golden/session/exec-4.0.json", import.meta.url);
const { results } = JSON.parse(readFileSync(file, "utf8")) as { results: readonly Recorded[] };

const uuid = "22222222-2222-4222-8222-222222222222";
const address = { "egress-subnets": "10.77.0.1/32", "ingress-address": "10.77.0.1" };
const since = (seconds: number) => `2026-11-23T19:06:${seconds}Z`;
const active = { status: "active", message: "" };
const relation = {
  id: 4,
  interface: "x",
  data: {
    pa: {},
    "pa/0": { ...address },
    pb: { secret: `secret://${uuid}/lr215t3k4tunfjvpdmd0` },
    "pb/0": { ...address, from: "pb/0" },
    "pb/1": { ...address, from: "pb/1" },
  },
};
const network = {
  "bind-addresses": [
    {
      "mac-address": "",
      "interface-name": "lo",
      addresses: [{ hostname: "10.77.0.1", value: "10.77.0.1", cidr: "10.77.0.0/24" }],
    },
  ],
  "egress-subnets": ["10.77.0.1/32"],
  "ingress-addresses": ["10.77.0.1"],
};
const shared: Omit<HookWorld, "unit" | "leader" | "relations"> = {
  model: { name: "controller", uuid, type: "iaas" },
  "api-addresses": ["10.77.0.1:17070"],
  config: { fail: "", x: "" },
  action: { name: "juju-exec", id: "83" },
  "unit-status": active,
  "app-status": active,
  networks: { client: network, "juju-info": network },
  "public-address": "10.77.0.1",
};
const server = { ...relation, key: "pa:client pb:server", endpoint: "server", role: "provider" } as const;
const peers = {
  id: 3,
  key: "pb:peers",
  endpoint: "peers",
  role: "peer",
  interface: "p",
  "remote-app": "pb",
  members: ["pb/0"],
  data: { pb: {}, "pb/1": { ...address, from: "pb/1" } },
} as const;
const secret: WorldSecret = {
  id: "lr215t3k4tunfjvpdmd0",
  owner: "application-pb",
  label: "l-server:4",
  rotate: "never",
  revision: 1,
  content: { "1": { password: "b25l" } },
  access: [{ "target-tag": "application-pa", "scope-tag": "relation-pa.client#pb.server", role: "view" }],
};
const pbRelations = [{ ...server, "remote-app": "pa", members: ["pa/0"] }, peers];
const worlds: Readonly<Record<string, HookWorld>> = {
  "pa/0": {
    ...shared,
    unit: "pa/0",
    leader: true,
    relations: [
      { ...server, endpoint: "client", role: "requirer", "remote-app": "pb", members: ["pb/0", "pb/1"] },
    ],
    "goal-state": {
      units: { "pa/0": { status: "active", since: since(29) } },
      relations: {
        client: {
          pb: { status: "joined", since: since(26) },
          "pb/0": { status: "active", since: since(29) },
          "pb/1": { status: "active", since: since(30) },
        },
      },
    },
  },
  "pb/0": { ...shared, unit: "pb/0", leader: false, relations: pbRelations, secrets: [secret] },
  "pb/1": {
    ...shared,
    unit: "pb/1",
    leader: true,
    relations: pbRelations,
    secrets: [secret],
    "unit-statuses": { "pb/0": active },
  },
};

/**
 * Not for a hook context: a shell's own answers, the identifiers of a real controller's rows, secrets
 * that earlier calls of the session had created, and what the controller says to a commit.
 */
const elsewhere = (recorded: Recorded) =>
  recorded.status === "failed" ||
  /^(?:env|leader-get|secret-ids|secret-add|resource-get|opened-ports)\b/.test(recorded.cmd);

const chosen = results.filter((recorded) => !elsewhere(recorded));

test(`exec-4.0.json: ${chosen.length} of ${results.length} calls concern the hook context`, () => {
  expect(chosen.length).toBeGreaterThanOrEqual(38);
});

test.each(chosen.map((recorded) => [`${recorded.unit}: ${recorded.cmd}`, recorded] as const))(
  "%s",
  (_, recorded) => {
    const context = new HookContext({
      world: worlds[recorded.unit]!,
      version: { major: 4, minor: 0, patch: 15 },
      newSecretId: () => "9m4e2mr0ui3e8a21001g",
      now: () => new Date("2026-11-23T19:07:00Z"),
      applicationExists: (name) => ["pa", "pb", "hello"].includes(name),
    });
    let stdout = "";
    let stderr = "";
    let code = 0;
    for (const command of recorded.cmd.split(/; /)) {
      const [name = "", ...args] = command.split(" ").map((word) => (word === "''" ? "" : word));
      const answer = context.run(name, args);
      stdout += new TextDecoder().decode(answer.stdout);
      stderr += new TextDecoder().decode(answer.stderr);
      code = answer.exitCode;
    }
    expect({ code, stdout, stderr }).toEqual({
      code: recorded.code,
      stdout: recorded.stdout,
      stderr: recorded.stderr,
    });
  },
);

test("resource-get and a new unit secret print what the session printed, but for its identifiers", () => {
  const context = new HookContext({
    world: worlds["pa/0"]!,
    version: { major: 4, minor: 0 },
    newSecretId: () => "9m4e2mr0ui3e8a21001g",
    now: () => new Date(0),
  });
  const text = new TextDecoder().decode(context.run("resource-get", ["nope"]).stderr);
  const recorded = results.find((one) => one.cmd === "resource-get nope")?.stderr ?? "";
  const anonymous = (line: string) => line.replace(/for application [-0-9a-z]+/, "for application ID");
  expect(anonymous(text)).toBe(anonymous(recorded));
  const added = new TextDecoder().decode(context.run("secret-add", ["--owner", "unit", "abc=v"]).stdout);
  expect(added).toBe(`secret://${uuid}/9m4e2mr0ui3e8a21001g\n`);
});
