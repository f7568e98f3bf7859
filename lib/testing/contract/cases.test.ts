import { active, blocked, defineCharm } from "charmed-iap/charm";
import { databag, defineInterface } from "charmed-iap/interface";
import { ContractError, contractCases } from "charmed-iap/testing";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import proxy from "../../charm/testdata/charm.ts";
import { proxyPeers } from "../../charm/testdata/interfaces.ts";

const shop = defineInterface({
  name: "shop",
  version: 2,
  provider: databag(v.object({ price: v.pipe(v.string(), v.regex(/^\d+$/)), note: v.optional(v.string()) }), {
    alternates: [
      {
        databag: databag(v.object({ cost: v.string() })),
        upgrade: (older) => ({ price: (older as { cost: string }).cost }),
      },
    ],
  }),
  requirer: databag(v.object({ wants: v.string(), code: v.optional(v.pipe(v.string(), v.regex(/^\d+$/))) })),
});

const contract = defineCharm({
  name: "buyer",
  summary: "x",
  requires: { shop: shop.requirer({ limit: 1 }) },
  containers: { web: { image: "web-image" } },
});

/** Titles of the cases that fail, each with its reason. */
async function failures(charm: Parameters<typeof contractCases>[0]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const { endpoint, title, run } of contractCases(charm)) {
    try {
      await run();
    } catch (error) {
      expect(error).toBeInstanceOf(ContractError);
      found.set(`${endpoint}: ${title}`, (error as Error).message);
    }
  }
  return found;
}

const good = contract.implement({
  async reconcile({ relations: { shop: seller }, containers }) {
    seller.publish({ wants: "tea" });
    if (seller.state !== "ready") return seller.status;
    await containers.web.apply({ services: { web: { command: `web ${seller.data.price}` } } });
    return active();
  },
});

describe("contractCases()", () => {
  test("has one for everything the other side may say", () => {
    const titles = contractCases(good).map(({ title }) => title);
    for (const title of [
      "the other side is not there",
      "the other side has no units yet",
      "the other side says nothing",
      "the other side says the least",
      "the other side says everything",
      "the other side is of an older version (1)",
      "the other side says more than anybody knows",
      'the other side lacks "price"',
      'the other side says [] in "price"',
      'the other side says 100000 letters in "note"',
    ])
      expect(titles).toContain(title);
    expect(new Set(titles).size).toBe(titles.length);
  });

  test("a charm that keeps its side fails none", async () => {
    expect(await failures(good)).toEqual(new Map());
    expect(await failures(proxy)).toEqual(new Map());
  });

  test("providers and peers are tested too", async () => {
    const seller = defineCharm({
      name: "seller",
      summary: "x",
      provides: { shop: shop.provider({ optional: true }) },
      peers: { peers: proxyPeers.peer() },
    });
    const charm = seller.implement({
      reconcile({ relations }) {
        for (const one of relations.shop.ready) one.publish({ price: "3" });
        relations.peers.publishUnit({ address: "a" });
        return active();
      },
    });
    const endpoints = new Set(contractCases(charm).map(({ endpoint }) => endpoint));
    expect([...endpoints]).toEqual(["shop", "peers"]);
    expect(await failures(charm)).toEqual(new Map());
  });
});

describe("a charm is caught that", () => {
  const caught = async (reconcile: Parameters<typeof contract.implement>[0]["reconcile"]) =>
    await failures(contract.implement({ reconcile }));

  test("throws on what it did not expect", async () => {
    const found = await caught(({ relations: { shop: seller } }) => {
      if (seller.state === "missing") return seller.status;
      if (seller.raw["price"] === "[]") throw new Error("not expected");
      return seller.state === "ready" ? active() : seller.status;
    });
    expect(found.get('shop: the other side says [] in "price"')).toContain("the leader failed: ");
    expect([...found.keys()]).toEqual(['shop: the other side says [] in "price"']);
  });

  test("is active without what it requires, or does not say what it lacks", async () => {
    const careless = await caught(() => active());
    expect(careless.get("shop: the other side says nothing")).toBe(
      'shop is required and not ready, the status must be waiting or blocked, is "active: "',
    );
    expect(careless.has("shop: the other side says everything")).toBe(false);
    const silent = await caught(() => blocked("something is missing"));
    expect(silent.get("shop: the other side is not there")).toBe(
      'shop is not ready, the status must name it, is "blocked: something is missing"',
    );
  });

  test("says something else each time", async () => {
    let count = 0;
    const found = await caught(({ relations: { shop: seller } }) => {
      count += 1;
      seller.publish({ wants: `tea ${count}` });
      return seller.state === "ready" ? active() : seller.status;
    });
    expect(found.get("shop: the other side says everything")).toMatch(
      /^the same event again writes: relation-set/,
    );
  });

  test("restarts its service each time", async () => {
    let count = 0;
    const found = await caught(async ({ relations: { shop: seller }, containers }) => {
      count += 1;
      await containers.web.apply({ services: { web: { command: `web ${count}` } } });
      return seller.state === "ready" ? active() : seller.status;
    });
    expect(found.get("shop: the other side says everything")).toBe(
      "the same event again restarts web in web",
    );
  });
});
