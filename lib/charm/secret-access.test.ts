import { active, type Context, defineCharm, type Status } from "charmed-iap/charm";
import { databag, defineInterface } from "charmed-iap/interface";
import { FakeModel, type StateOf, transition } from "charmed-iap/testing";
import * as v from "valibot";
import { describe, expect, test } from "vitest";

const shared = defineInterface({
  name: "shared",
  version: 0,
  provider: databag(v.object({ secret: v.string() })),
  requirer: databag(v.object({})),
});
const contract = defineCharm({
  name: "owner",
  summary: "x",
  provides: { out: shared.provider({ optional: true }) },
});
type Ctx = Context<typeof contract.contract>;
const doing = (reconcile: (ctx: Ctx) => Status | Promise<Status>) => contract.implement({ reconcile });
type State = StateOf<ReturnType<typeof doing>>;

const ID = "9m4e2mr0ui3e8a215n4g";

test("peek reads the latest revision once; what is tracked stays", async () => {
  const reading = doing(async ({ secrets }) => {
    const read = async (options?: Parameters<typeof secrets.get>[1]) =>
      (await secrets.get(`secret:${ID}`, options))["value"]?.reveal();
    return active(`${await read()} ${await read({ peek: true })} ${await read()}`);
  });
  const state: State = { secrets: [{ id: ID, content: { value: "o1d" }, latest: { value: "n3w" } }] };
  const { commands, next } = await transition(reading, "update-status", state);
  expect(commands.filter((line) => line.startsWith("secret-get"))).toEqual([
    expect.not.stringContaining("--peek"),
    expect.stringContaining("--peek"),
  ]);
  expect(next.secrets?.[0]).toMatchObject({ content: { value: "o1d" }, latest: { value: "n3w" } });
});

describe("a grant to one unit", () => {
  const granting = (unit: string, take: "grant" | "revoke" = "grant") =>
    doing(async ({ secrets, relations: { out } }) => {
      const secret = await secrets.ensure("key", () => ({ value: "for one" }));
      if (secret === undefined) return active();
      for (const relation of out) {
        secrets[take](secret, relation, { unit });
        relation.publish({ secret: secret.id });
      }
      return active();
    });

  test.each(["grant", "revoke"] as const)("is a %s with the unit's name", async (take) => {
    const state: State = { leader: true, relations: { out: { id: 7, remoteApp: "reader" } } };
    const { commands } = await transition(granting("reader/1", take), "update-status", state);
    const line = commands.find((one) => one.startsWith(`secret-${take} `));
    expect(line).toMatch(/--relation 7/);
    expect(line).toMatch(/--unit reader\/1/);
  });

  test("lets that unit read it, and no other one, until it is taken back", async () => {
    const reader = defineCharm({
      name: "reader",
      summary: "x",
      requires: { in: shared.requirer({ limit: 1 }) },
    }).implement({
      async reconcile({ relations: { in: relation }, secrets }) {
        if (relation.state !== "ready") return relation.status;
        const { value } = await secrets.get(relation.data.secret, { refresh: true });
        return active(`read ${value?.reveal().length} letters`);
      },
    });
    const model = new FakeModel();
    model.deploy(granting("reader/1"), "owner");
    model.deploy(reader, "reader", { units: 2 });
    model.integrate("owner:out", "reader:in");
    await model.settle();
    model.advance(600_000);
    await model.settle();
    expect(model.unitStatus("reader/0")).toMatch(/^waiting: waiting for access to secret:/);
    expect(model.unitStatus("reader/1")).toBe("active: read 7 letters");
    model.refresh("owner", granting("reader/1", "revoke"));
    await model.settle();
    model.advance(600_000);
    await model.settle();
    expect(model.unitStatus("reader/1")).toMatch(/^waiting: waiting for access to secret:/);
  });
});

test("remoteModelUuid() is that of the other side's model, asked once", async () => {
  const other = "8f2e1a34-55aa-4c1e-8d6a-000000000009";
  const telling = doing(async ({ relations, remoteModelUuid, modelUuid }) => {
    const [near, far] = relations.out.all;
    const uuids = [await remoteModelUuid(near!), await remoteModelUuid(far!), await remoteModelUuid(far!)];
    return active(uuids.map((uuid) => (uuid === modelUuid ? "ours" : uuid)).join(" "));
  });
  const relations = { out: [{ id: 1 }, { id: 2, remoteApp: "far", remoteModelUuid: other }] };
  const { status, commands } = await transition(telling, "update-status", { relations });
  expect(status.message).toBe(`ours ${other} ${other}`);
  expect(commands.filter((line) => line.startsWith("relation-model-get"))).toHaveLength(2);
});
