/** Both roles of every interface: the least charm that speaks it, against everything the other side may say, and against the other one. */
import { readdirSync } from "node:fs";
import path from "node:path";
import { active, type CharmProgram, defineCharm, waiting } from "charmed-iap/charm";
import {
  type AnyDatabag,
  decode,
  type Interface,
  type InterfaceContract,
  type Side,
} from "charmed-iap/interface";
import { contractCases, FakeModel, sampleDatabag } from "charmed-iap/testing";
import { describe, expect, test } from "vitest";

type Role = "provider" | "requirer";

const interfaces = path.resolve(import.meta.dirname, "../../interfaces");
const found = readdirSync(interfaces, { recursive: true, encoding: "utf8" })
  .filter((file) => /^[^/]+\/v\d+\/index\.ts$/.test(file))
  .sort();

const isInterface = (one: unknown): one is Interface<InterfaceContract> =>
  typeof one === "object" && one !== null && "sides" in one;

/** Every interface of this project, under `name/version`. */
const all = await Promise.all(
  found.map(async (file) => {
    const exported = (await import(/* @vite-ignore */ path.join(interfaces, file))) as object;
    const one = Object.values(exported).find(isInterface);
    if (one === undefined) throw new TypeError(`Cannot test ${file}: it exports no interface`);
    return { folder: path.dirname(file), one };
  }),
);

/** What a relation is here, whatever its interface. */
interface AnyRelation {
  readonly state: string;
  publish(data: unknown): void;
  publishUnit(data: unknown): void;
}

/** All that a side can say, as the values it stands for. */
function sample(bag: AnyDatabag | undefined): unknown {
  if (bag === undefined) return undefined;
  const decoded = decode(bag, sampleDatabag(bag, "full"));
  if (decoded.state !== "ready") throw new TypeError(`a sample is ${decoded.state}`);
  return decoded.data;
}

/** A charm that has an interface in one role, says all that it can, and is active when the other side is understood. */
function speaker(one: Interface<InterfaceContract>, role: Role): CharmProgram {
  const { app, unit } = one.sides[role] as Side;
  const [data, unitData] = [sample(app), sample(unit)];
  const endpoints =
    role === "provider"
      ? { provides: { end: one.provider({ optional: true }) } }
      : { requires: { end: one.requirer({ optional: true }) } };
  const charm = defineCharm({ name: `the-${role}`, summary: "Speaks.", ...endpoints }).implement({
    reconcile({ relations }) {
      const { all: related } = (relations as unknown as { end: { all: readonly AnyRelation[] } }).end;
      for (const relation of related) {
        if (data !== undefined) relation.publish(data);
        if (unitData !== undefined) relation.publishUnit(unitData);
      }
      const open = related.filter(({ state }) => state !== "ready");
      return open.length === 0 ? active(`${related.length} ready`) : waiting(`end: ${open[0]?.state}`);
    },
  });
  return charm as unknown as CharmProgram;
}

test("every interface is here", () => expect(all.length).toBeGreaterThanOrEqual(12));

describe.each(all)("$folder", ({ one }) => {
  test.each(["provider", "requirer"] as const)(
    "as its %s a charm bears whatever the other side says",
    async (role) => {
      const cases = contractCases(speaker(one, role));
      expect(cases.map(({ title }) => title)).toContain("the other side is not there");
      for (const { title, run } of cases) await expect(run(), title).resolves.toBeUndefined();
    },
  );

  test("its two roles understand each other", async () => {
    const model = new FakeModel();
    model.deploy(speaker(one, "provider"));
    model.deploy(speaker(one, "requirer"));
    model.integrate("the-provider:end", "the-requirer:end");
    await model.settle();
    expect(model.status()).toEqual({ "the-provider": "active: 1 ready", "the-requirer": "active: 1 ready" });
  });
});
