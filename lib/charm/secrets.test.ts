import { active, type Context, defineCharm, type Status, sensitive, waiting } from "charmed-iap/charm";
import { databag, defineInterface } from "charmed-iap/interface";
import { FakeModel, HookFailedError, transition } from "charmed-iap/testing";
import * as v from "valibot";
import { describe, expect, test } from "vitest";

const shared = defineInterface({
  name: "shared",
  version: 0,
  provider: databag(v.object({ secret: v.string() })),
  requirer: databag(v.object({ ready: v.string() })),
});
const contract = defineCharm({
  name: "web",
  summary: "Keeps secrets.",
  provides: { out: shared.provider({ optional: true }) },
});
type Ctx = Context<typeof contract.contract>;
const doing = (reconcile: (ctx: Ctx) => Status | Promise<Status>) => contract.implement({ reconcile });
const own = { label: "key", owner: "app", content: { value: "first" } } as const;

describe("ensure() and set()", () => {
  const ensuring = doing(async ({ secrets }) => {
    const secret = await secrets.ensure("key", () => ({ value: "made" }), { description: "A key" });
    return active(secret === undefined ? "none" : secret.content["value"]?.reveal());
  });

  test("the leader makes what is missing, once", async () => {
    const made = await transition(ensuring, "update-status", { leader: true });
    expect(made.secrets).toMatchObject([
      { label: "key", owner: "app", revision: 1, content: { value: "made" } },
    ]);
    const kept = await transition(ensuring, "update-status", { leader: true, secrets: [own] });
    expect(kept.secrets).toMatchObject([{ revision: 1, content: { value: "first" } }]);
  });

  test("a follower gets what there is and makes nothing", async () => {
    const none = await transition(ensuring, "update-status");
    expect(none).toMatchObject({ status: active("none"), secrets: [] });
    const some = await transition(ensuring, "update-status", { secrets: [own] });
    expect(some.status).toEqual(active("***"));
  });

  test.each([
    ["first", 1],
    ["second", 2],
  ])("set() to %s leaves it at revision %i", async (value, revision) => {
    const setting = doing(async ({ secrets }) => {
      await secrets.set("key", { value: sensitive(value) });
      return active();
    });
    const { secrets } = await transition(setting, "update-status", { leader: true, secrets: [own] });
    expect(secrets).toMatchObject([{ revision, content: { value } }]);
  });

  test("a unit's secret is any unit's to make", async () => {
    const charm = doing(async ({ secrets }) => {
      await secrets.set("mine", { value: "unit value" }, { owner: "unit", rotate: "daily" });
      return active();
    });
    const { secrets } = await transition(charm, "update-status");
    expect(secrets).toMatchObject([{ label: "mine", owner: "unit", rotate: "daily" }]);
  });

  test("the owner reads the latest revision, whatever it tracked", async () => {
    const charm = doing(async ({ secrets }) =>
      active((await secrets.byLabel("key"))?.content["value"]?.reveal() === "newer" ? "yes" : "no"),
    );
    const latest = { ...own, latest: { value: "newer" } };
    expect((await transition(charm, "update-status", { leader: true, secrets: [latest] })).status).toEqual(
      active("yes"),
    );
  });

  test("remove() takes it away", async () => {
    const charm = doing(async ({ secrets }) => {
      const secret = await secrets.byLabel("key");
      if (secret !== undefined) secrets.remove(secret);
      return active();
    });
    expect((await transition(charm, "update-status", { leader: true, secrets: [own] })).secrets).toEqual([]);
  });
});

describe("get()", () => {
  const id = "9m4e2mr0ui3e8a215n40";
  const reading = (refresh: boolean) =>
    doing(async ({ secrets }) => {
      const { value } = await secrets.get(`secret:${id}`, { refresh });
      return active(value?.reveal() === "new" ? "new" : "old");
    });
  const secrets = [{ id, content: { value: "old" }, latest: { value: "new" } }];

  test.each([
    [false, "old"],
    [true, "new"],
  ])("with refresh %s reads the %s revision", async (refresh, expected) => {
    expect((await transition(reading(refresh), "update-status", { secrets })).status).toEqual(
      active(expected),
    );
  });

  test.each([
    ["not granted", [{ id, content: { value: "old" }, granted: false }]],
    ["not there", []],
  ])("%s: waiting, not failing", async (_title, given) => {
    const { status } = await transition(reading(false), "update-status", { secrets: given });
    expect(status).toEqual(waiting(`waiting for access to secret:${id}`));
  });
});

describe("grants", () => {
  const granting = doing(async ({ secrets, relations: { out } }) => {
    const secret = await secrets.ensure("key", () => ({ value: "shared value" }));
    if (secret === undefined) return active();
    for (const relation of out) {
      secrets.grant(secret, relation);
      relation.publish({ secret: secret.id });
    }
    return active();
  });

  test("a relation gets access and the id, in the same spelling each time", async () => {
    const relations = { out: [{ id: 7 }, { id: 9, remoteApp: "other" }] };
    const first = await transition(granting, "update-status", { leader: true, relations });
    expect(first.secrets[0]?.grants).toEqual([7, 9]);
    const { id } = first.secrets[0]!;
    const { localAppData } = first.relations.out[0]!;
    expect(localAppData["secret"]).toMatch(new RegExp(`^secret://[0-9a-f-]+/${id}$`));
    const again = await transition(granting, "update-status", {
      leader: true,
      relations: { out: { localAppRaw: localAppData } },
      secrets: [{ ...own, id: id.padStart(20, "0") }],
    });
    expect(again.relations.out[0]?.localAppData).toEqual(localAppData);
  });

  test("the other application reads it in a model, and its new revision after a change", async () => {
    let content = "one";
    const owner = doing(async ({ secrets, relations: { out } }) => {
      const secret = await secrets.set("key", { value: `value ${content}` });
      if (secret !== undefined) {
        for (const relation of out) {
          secrets.grant(secret, relation);
          relation.publish({ secret: secret.id });
        }
      }
      return active();
    });
    const seen: string[] = [];
    const reader = defineCharm({
      name: "reader",
      summary: "x",
      requires: { in: shared.requirer({ limit: 1 }) },
    }).implement({
      async reconcile({ relations, secrets }) {
        const relation = relations.in;
        if (relation.state !== "ready") return relation.status;
        const { value } = await secrets.get(relation.data.secret, { refresh: true });
        seen.push(value?.reveal() ?? "");
        return active();
      },
    });
    const model = new FakeModel({ seed: 4 });
    model.deploy(owner, "owner");
    model.deploy(reader, "reader", { units: 2 });
    model.integrate("owner:out", "reader:in");
    await model.settle();
    content = "two";
    model.advance(600_000);
    await model.settle();
    expect(model.status()).toEqual({ owner: "active", reader: "active" });
    expect(seen.at(-1)).toBe("value two");
    expect(model.secrets("owner")).toEqual({ key: { value: "value two" } });
  });
});

describe("secret values never leave as text", () => {
  const value = "hunter2-hunter2";
  const secrets = [{ ...own, content: { value } }];

  test("not in logs and statuses", async () => {
    const charm = doing(async ({ secrets, log }) => {
      const secret = await secrets.byLabel("key");
      const plain = secret?.content["value"];
      log.info("read", { plain, revealed: plain?.reveal() });
      return active(`key is ${plain?.reveal()}`);
    });
    const { logs, status } = await transition(charm, "update-status", { leader: true, secrets });
    expect(logs).toEqual([{ level: "INFO", message: 'read plain="***" revealed="***"' }]);
    expect(status).toEqual(active("key is ***"));
  });

  test("not in the stack of what fails", async () => {
    const charm = doing(async ({ secrets }) => {
      const secret = await secrets.byLabel("key");
      throw new Error("outer", { cause: new Error(`cannot use ${secret?.content["value"]?.reveal()}`) });
    });
    const failed = await transition(charm, "update-status", { leader: true, secrets }).catch(
      (error: unknown) => error,
    );
    expect(failed).toBeInstanceOf(HookFailedError);
    expect(String(failed)).toContain("cannot use ***");
    expect(String(failed)).not.toContain(value);
  });
});
