import { describe, expect, test } from "vitest";
import { readOfferUrl } from "./offer-url.ts";
import { runJuju } from "./testdata.ts";

const hydra = {
  name: "hydra",
  application: "hydra",
  charm: "ch:hydra-395",
  url: "admin/iam.hydra",
  description: "Registers clients.\nAnd more.",
  endpoints: { oauth: { interface: "oauth", role: "provider" } },
  connections: [
    {
      "source-model-uuid": "u-2",
      "relation-id": 7,
      endpoint: "oauth",
      status: "joined",
      since: 0,
      "ingress-subnets": [],
    },
  ],
};
const unused = { ...hydra, name: "pg", application: "pg", url: "admin/core.pg", connections: [] };
const models = () => ({ models: [], current: "iam" });

describe("readOfferUrl()", () => {
  test.each([
    ["admin/core.pg", { model: "core", offer: "pg" }],
    ["local:admin/core.pg:db", { model: "core", offer: "pg", endpoint: "db" }],
    ["core.pg", { model: "core", offer: "pg" }],
  ])("%s", (text, url) => expect(readOfferUrl(text, "4.0.15")).toEqual(url));

  test.each([
    ["pg", "offer URL has invalid form, must be [<user/]<model>.<appname>: "],
    ["a/b/c.d", "offer URL has invalid form"],
    ["admin/core.", "offer URL is missing the name"],
    ["other:admin/core.pg", "controller other not found"],
    ["bob/core.pg", 'application offer "bob/core.pg" not found'],
  ])("refuses %s", (text, message) => expect(() => readOfferUrl(text, "4.0.15")).toThrow(message));

  test("3.6 says it in other words", () => {
    expect(() => readOfferUrl("admin/core.", "3.6.28")).toThrow(
      "application offer URL is missing application",
    );
  });
});

describe("juju offer", () => {
  test("says where it is available, and acts on the model of the argument", async () => {
    const answers = { offer: () => ({ url: "admin/core.pg" }) };
    const { stderr, calls } = await runJuju(["offer", "core.pg:db,admin", "pg"], answers);
    expect(stderr).toBe('Application "pg" endpoints [db, admin] available at "admin/core.pg"\n');
    expect(calls).toEqual([["offer", { model: "core", endpoints: "pg:db,admin", name: "pg" }]]);
  });
});

describe("juju offers, find-offers, show-offer", () => {
  test("one row for each connection, a dash for none", async () => {
    const { stdout } = await runJuju(["offers"], { offers: () => [unused, hydra] });
    expect(stdout.split("\n").map((line) => line.trimEnd())).toEqual([
      "Offer  User   Relation ID  Status  Endpoint  Interface  Role      Ingress subnets",
      "hydra  admin  7            joined  oauth     oauth      provider",
      "pg     -",
      "",
    ]);
  });

  test("find-offers looks in all models", async () => {
    const { stdout, calls } = await runJuju(["find-offers"], { offers: () => [hydra, unused] });
    expect(calls).toEqual([["offers", { all: true }]]);
    expect(stdout).toBe(
      "Store  URL              Access  Interfaces\nlocal  admin/core.pg    admin   oauth:oauth\nlocal  admin/iam.hydra  admin   oauth:oauth\n",
    );
    const json = await runJuju(["find-offers", "admin/iam", "--format", "json"], {
      offers: () => [hydra, unused],
    });
    expect(json.stdout).toBe(
      '{"local:admin/iam.hydra":{"access":"admin","endpoints":{"oauth":{"interface":"oauth","role":"provider"}},"users":{"admin":{"display-name":"admin","access":"admin"}}}}\n',
    );
    expect(await runJuju(["find-offers", "--interface", "x"], { offers: () => [hydra] })).toMatchObject({
      code: 1,
      stderr: "ERROR no matching application offers found\n",
    });
  });

  test("show-offer shows one", async () => {
    const { stdout } = await runJuju(["show-offer", "hydra"], { models, offers: () => [hydra] });
    expect(stdout).toContain(
      "local  admin/iam.hydra  admin   Registers clients.  oauth     oauth      provider\n",
    );
    expect(await runJuju(["show-offer", "iam.no"], { models, offers: () => [hydra] })).toMatchObject({
      code: 1,
      stderr: 'ERROR application offer "admin/iam.no" not found\n',
    });
  });
});

describe("juju consume and integrate", () => {
  const answers = {
    consume: ({ alias, offer }: Record<string, unknown>) => ({ name: alias ?? offer, url: "admin/core.pg" }),
    integrate: () => ({}),
  };

  test("says what was added under which name", async () => {
    const { stderr, calls } = await runJuju(["consume", "core.pg", "db"], answers);
    expect(stderr).toBe("Added admin/core.pg as db\n");
    expect(calls).toEqual([["consume", { from: "core", offer: "pg", alias: "db" }]]);
    expect((await runJuju(["consume", "core.pg:db"], answers)).stderr).toBe(
      'ERROR saas offer "core.pg:db" shouldn\'t include endpoint\n',
    );
  });

  test("integrate consumes an offer by its name, on either side", async () => {
    for (const line of ["integrate web:db admin/core.pg", "integrate admin/core.pg web:db"]) {
      const { calls } = await runJuju(line.split(" "), answers);
      expect(calls).toEqual([
        ["consume", { from: "core", offer: "pg" }],
        ["integrate", { endpoints: ["web:db", "pg"] }],
      ]);
    }
    const { calls } = await runJuju(["integrate", "web", "core.pg:database"], answers);
    expect(calls.at(-1)).toEqual(["integrate", { endpoints: ["web", "pg:database"] }]);
  });
});

test("juju remove-offer --force asks first", async () => {
  const answers = { models, removeOffer: () => ({}) };
  const no = await runJuju(["remove-offer", "hydra", "--force"], answers, { input: async () => "n\n" });
  expect(no).toMatchObject({ code: 1 });
  expect(no.stderr).toContain("This command will remove offers: admin/iam.hydra\n");
  expect(no.calls.map(([method]) => method)).toEqual(["models"]);
  const yes = await runJuju(["remove-offer", "hydra", "--force", "-y"], answers);
  expect(yes.calls.at(-1)).toEqual(["removeOffer", { model: "iam", name: "hydra", force: true }]);
});
