import type { StandardSchemaV1 } from "@standard-schema/spec";
import { active, defineCharm } from "charmed-iap/charm";
import { databag, defineInterface, type RawDatabag } from "charmed-iap/interface";
import { contractCases, databagArbitrary, sampleDatabag } from "charmed-iap/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

type Shop = { url: string; apps: string[]; mode: "fast" | "slow"; port?: number | undefined; more?: object };

const properties = {
  url: { type: "string", format: "uri" },
  apps: { type: "array", items: { type: "string", minLength: 1 }, minItems: 1 },
  mode: { enum: ["fast", "slow"] },
  port: { type: "integer", minimum: 1, maximum: 65_535 },
  more: { type: "object", additionalProperties: { anyOf: [{ type: "number" }, { const: "x" }] } },
};

/** A schema of a library that nobody here knows, which speaks Standard Schema and Standard JSON Schema. */
function unknownSchema(): StandardSchemaV1<Shop, Shop> {
  const issues = (value: unknown): string[] => {
    const { url, apps, mode, port } = (value ?? {}) as Partial<Record<keyof Shop, unknown>>;
    return [
      ...(typeof url === "string" && URL.canParse(url) ? [] : ["url"]),
      ...(Array.isArray(apps) && apps.length > 0 && apps.every((app) => app !== "") ? [] : ["apps"]),
      ...(mode === "fast" || mode === "slow" ? [] : ["mode"]),
      ...(port === undefined || (Number.isInteger(port) && Number(port) > 0) ? [] : ["port"]),
    ];
  };
  const standard = {
    version: 1 as const,
    vendor: "nobody",
    validate: (value: unknown) => {
      const faults = issues(value).map((key) => ({ message: "is not valid", path: [key] }));
      return faults.length === 0 ? { value: value as Shop } : { issues: faults };
    },
    jsonSchema: { input: () => ({ type: "object", properties, required: ["url", "apps", "mode"] }) },
  };
  return { "~standard": standard };
}

const bag = databag(unknownSchema(), { json: ["apps", "port", "more"] });
const shop = defineInterface({ name: "shop", version: 0, provider: bag, requirer: {} });

describe("a schema that speaks Standard JSON Schema", () => {
  test("gives the least and the most that it accepts", () => {
    expect(sampleDatabag(bag, "minimal")).toEqual({ url: "http://a.test/x", apps: '["text"]', mode: "fast" });
    expect(sampleDatabag(bag, "full")).toEqual({
      url: "http://a.test/x",
      apps: expect.stringMatching(/^\["text",".+"\]$/),
      mode: "fast",
      port: "1",
      more: '{"text":1}',
    });
  });

  test("gives as many others as are wanted", () => {
    const seen = new Set<string>();
    const property = fc.property(databagArbitrary(fc, bag), (raw: RawDatabag) => {
      seen.add(JSON.stringify(raw));
      return URL.canParse(raw["url"] ?? "") && ["fast", "slow"].includes(raw["mode"] ?? "");
    });
    fc.assert(property, { numRuns: 200 });
    expect(seen.size).toBeGreaterThan(20);
  });

  test("makes contract tests, with what is lacking", async () => {
    const charm = defineCharm({
      name: "buyer",
      summary: "x",
      requires: { shop: shop.requirer({ limit: 1 }) },
    }).implement({
      reconcile: ({ relations }) => (relations.shop.state === "ready" ? active() : relations.shop.status),
    });
    const cases = contractCases(charm);
    expect(cases.map(({ title }) => title)).toEqual(
      expect.arrayContaining([
        'the other side lacks "url"',
        'the other side lacks "apps"',
        'the other side lacks "mode"',
      ]),
    );
    for (const one of cases) await one.run();
  });
});

test("a schema that tells nothing of itself takes samples", () => {
  const { jsonSchema: _none, ...silent } = unknownSchema()["~standard"] as ReturnType<
    typeof unknownSchema
  >["~standard"] & {
    jsonSchema: unknown;
  };
  const mute = databag({ "~standard": silent } as StandardSchemaV1<Shop, Shop>);
  expect(() => sampleDatabag(mute, "full")).toThrow(/Cannot make a sample of .* give one/);
});
