import { describe, expect, test } from "vitest";
import { parseCharm } from "./charm-metadata.ts";
import { isModelError } from "./errors.ts";
import { Bench } from "./testdata/bench.ts";

function charm(name: string, ends: object) {
  return parseCharm({ metadata: { name, summary: "s", description: "d", ...ends } });
}

function bench(version = "4.0.15"): Bench {
  const made = new Bench({ version });
  const http = { interface: "http" };
  made.model.deploy(
    charm("web", { requires: { db: { interface: "sql", limit: 1 }, back: http, log: http } }),
    { app: "web" },
  );
  made.model.deploy(charm("pg", { provides: { db: { interface: "sql" }, site: http } }), { app: "pg" });
  made.model.deploy(
    charm("my", { provides: { db: { interface: "sql" } }, peers: { p: { interface: "p" } } }),
    { app: "my" },
  );
  return made;
}

function refusal(action: () => unknown): [string, string] {
  try {
    action();
  } catch (error) {
    if (isModelError(error)) return [error.code, error.message];
    throw error;
  }
  return ["none", ""];
}

describe("integrate()", () => {
  test("infers the endpoints and puts the requirer first", () => {
    const { model } = bench();
    expect(model.integrate("my", "web")).toEqual({
      id: 1,
      key: "web:db my:db",
      interface: "sql",
      endpoints: [
        { app: "web", endpoint: "db", role: "requirer" },
        { app: "my", endpoint: "db", role: "provider" },
      ],
    });
  });

  test.each([
    ["3.6.28", "web", "nope", "ERR_NOT_FOUND", 'application "nope" not found'],
    [
      "4.0.15",
      "web",
      "nope",
      "ERR_NOT_FOUND",
      'adding relation between endpoints "web" and "nope": application not found',
    ],
    ["3.6.28", "pg", "my", "ERR_NO_RELATION", "no relations found"],
    [
      "4.0.15",
      "pg",
      "my",
      "ERR_NO_RELATION",
      'adding relation between endpoints "pg" and "my": no compatible endpoints found between applications',
    ],
    ["3.6.28", "web:x", "pg", "ERR_NO_RELATION", 'application "web" has no "x" relation'],
    [
      "3.6.28",
      "web",
      "pg:site",
      "ERR_AMBIGUOUS",
      'ambiguous relation: "web pg:site" could refer to "web:back pg:site"; "web:log pg:site"',
    ],
    ["3.6.28", "web:", "pg", "ERR_NOT_VALID", 'endpoint "web:" not valid'],
    ["3.6.28", "Web", "pg", "ERR_NOT_VALID", 'application name "Web" not valid'],
    ["3.6.28", "my:p", "my:p", "ERR_NO_RELATION", "no relations found"],
  ])("%s: %s and %s: %s", (version, a, b, code, message) => {
    const { model } = bench(version);
    const before = model.snapshot();
    expect(refusal(() => model.integrate(a, b))).toEqual([code, message]);
    expect(model.snapshot()).toEqual(before);
  });

  test("refuses what exists, what is dying and what is over the limit", () => {
    const made = bench("3.6.28");
    made.model.integrate("web:db", "pg:db");
    const hint = "Use 'juju status --relations' to view the current relations.";
    expect(refusal(() => made.model.integrate("web:db", "pg:db"))[1]).toBe(
      `cannot add relation "web:db pg:db"\nrelation web:db pg:db already exists: \n\n${hint}`,
    );
    expect(refusal(() => made.model.integrate("web:db", "my:db"))).toEqual([
      "ERR_LIMIT",
      'cannot add relation "web:db my:db": establishing a new relation for web:db would exceed its maximum relation limit of 1',
    ]);
    made.settle();
    made.model.removeRelation("web", "pg");
    expect(refusal(() => made.model.integrate("web:db", "pg:db"))[1]).toContain(
      "is dying, but not yet removed",
    );
  });

  test("relates to juju-info only when asked, or when nothing else fits", () => {
    const made = bench();
    const agent = { requires: { info: { interface: "juju-info" } } };
    made.model.deploy(charm("watch", agent), { app: "watch" });
    expect(made.model.integrate("watch", "pg").key).toBe("watch:info pg:juju-info");
  });

  test("identifiers are never used again", () => {
    const { model } = bench();
    const first = model.integrate("web:db", "pg:db").id;
    model.removeRelation("web:db", "pg:db");
    expect(model.integrate("web:db", "pg:db").id).toBe(first + 1);
  });
});

describe("removeRelation()", () => {
  test("refuses what is not there, and peer relations", () => {
    const { model } = bench();
    expect(refusal(() => model.removeRelation("web", "pg"))[1]).toBe("no relations found");
    expect(refusal(() => model.removeRelation("web:db", "pg:db"))[1]).toBe(
      'relation "web:db pg:db" not found',
    );
    expect(refusal(() => model.removeRelationById(0))[1]).toBe(
      'cannot destroy relation "my:p": is a peer relation',
    );
  });
});
