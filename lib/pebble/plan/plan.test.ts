import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LayerError } from "../errors.ts";
import { addLayer, combineLayers } from "./combine.ts";
import { parseCommand, splitWords } from "./command.ts";
import { decodeLayer } from "./decode.ts";
import { serviceLanes, serviceOrder } from "./order.ts";
import type { LabelledLayer, Layer, Service } from "./types.ts";
import { formatPlan, parseLayer, parsePlan } from "./yaml.ts";

const name = fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/).filter((one) => one !== "pebble");
const texts = fc.dictionary(fc.string({ minLength: 1 }), fc.string(), { maxKeys: 3 });
const service = fc.record(
  {
    override: fc.constantFrom("merge", "replace"),
    command: fc.constant("run me"),
    environment: texts,
    startup: fc.constantFrom("enabled", "disabled"),
    "user-id": fc.nat(),
    "kill-delay": fc.nat({ max: 10_000_000 }).map((ms) => `${ms}ms`),
    "backoff-factor": fc.integer({ min: 1, max: 9 }),
    summary: fc.string(),
  },
  { requiredKeys: ["override", "command"] },
);
const layer = fc.record({ services: fc.dictionary(name, service, { maxKeys: 3 }) }) as fc.Arbitrary<Layer>;

describe("parseLayer()", () => {
  test("takes JSON and YAML to the same layer", async () => {
    const { stringify } = await import("yaml");
    await fc.assert(
      fc.asyncProperty(layer, async (value) => {
        const fromJson = await parseLayer("l", JSON.stringify(value));
        expect(await parseLayer("l", stringify(value))).toEqual(fromJson);
      }),
    );
  });

  test("ends in a layer or a LayerError, whatever the text", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.json().map((text) => `services: ${text}`),
        ),
        async (text) => {
          const outcome = await parseLayer("l", text).catch((error: unknown) => error);
          expect(outcome instanceof LayerError || (outcome as LabelledLayer).label === "l").toBe(true);
        },
      ),
    );
  });

  test("refuses an alias bomb, and takes keys that objects have anyway", async () => {
    const bomb = [
      "a: &a [x, x]",
      ..."bcdefghij"
        .split("")
        .map((key, at) => `${key}: &${key} [*${"abcdefghij"[at]}, *${"abcdefghij"[at]}]`),
    ];
    await expect(parseLayer("l", bomb.join("\n"))).rejects.toBeInstanceOf(LayerError);
    const odd = await parseLayer(
      "l",
      "services: {__proto__: {override: replace, command: a}, constructor: {override: merge, command: b}}",
    );
    expect(Object.keys(odd.services ?? {})).toEqual(["__proto__", "constructor"]);
    await expect(parseLayer("l", "constructor: {}")).rejects.toThrow('unknown section "constructor"');
  });
});

describe("decodeLayer()", () => {
  test("ends in a layer or a LayerError, whatever the value", () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        try {
          decodeLayer("l", { services: { a: value }, checks: { a: value }, "log-targets": { a: value } });
        } catch (error) {
          expect(error).toBeInstanceOf(LayerError);
        }
      }),
    );
  });
});

describe("combineLayers()", () => {
  test("replacing twice is replacing once; the plan it prints reads back to itself", async () => {
    await fc.assert(
      fc.asyncProperty(layer, async (value) => {
        const decoded = decodeLayer("l", value);
        const once = addLayer([], decoded, { combine: true });
        const replaced = Object.values(decoded.services ?? {}).every(
          ({ override }) => override === "replace",
        );
        const twice = addLayer(once.layers, decoded, { combine: true });
        if (replaced) expect(twice.plan).toEqual(once.plan);
        expect(await parsePlan(await formatPlan(twice.plan))).toEqual(twice.plan);
      }),
    );
  });

  test("merge keeps what is not set, replace does not; neither changes what it was given", () => {
    const base = decodeLayer("a", {
      services: {
        web: {
          override: "replace",
          command: "one",
          environment: { A: "1" },
          "on-check-failure": { c: "restart" },
        },
      },
      checks: { up: { override: "replace", http: { url: "http://a", headers: { X: "1" } }, threshold: 5 } },
    });
    const before = structuredClone(base);
    const more = decodeLayer("b", {
      services: { web: { override: "merge", command: "", "kill-delay": "0s", environment: { B: "2" } } },
      checks: { up: { override: "merge", http: { headers: { Y: "2" } }, threshold: 0 } },
    });
    const { services, checks } = combineLayers([base, more]);
    expect(services["web"]).toEqual({
      override: "replace",
      command: "one",
      environment: { A: "1", B: "2" },
      "on-check-failure": { c: "restart" },
      "kill-delay": "0s",
    });
    expect(checks["up"]).toEqual({
      override: "replace",
      http: { url: "http://a", headers: { X: "1", Y: "2" } },
      threshold: 5,
    });
    expect(base).toEqual(before);
    const fresh = decodeLayer("c", { services: { web: { override: "replace", command: "two" } } });
    expect(combineLayers([base, more, fresh]).services["web"]).toEqual({
      override: "replace",
      command: "two",
    });
  });

  test("a layer that combines keeps its place", () => {
    const of = (label: string, command: string) =>
      decodeLayer(label, { services: { web: { override: "replace", command } } });
    const { layers } = addLayer([of("low", "1"), of("high", "2")], of("low", "3"), { combine: true });
    expect(layers.map(({ label }) => label)).toEqual(["low", "high"]);
    expect(combineLayers(layers).services["web"]?.command).toBe("2");
  });
});

describe("splitWords()", () => {
  test.each([
    ["a  b\tc\n", ["a", "b", "c"]],
    [`a 'b c' "d \\" e" f\\ g`, ["a", "b c", 'd " e', "f g"]],
    ["a'b'\"c\"", ["abc"]],
    ["a '' b", ["a", "", "b"]],
    ["a # comment\nb#c", ["a", "b#c"]],
    [`'a\\'`, ["a\\"]],
    ["", []],
  ])("%j", (text, words) => {
    expect(splitWords(text)).toEqual(words);
  });

  test("undoes quoting", () => {
    const quote = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme" })), (words) => {
        expect(splitWords(words.map(quote).join(" "))).toEqual(words);
      }),
    );
  });
});

describe("parseCommand()", () => {
  test("takes the default arguments apart", () => {
    expect(parseCommand("web", "run a [ --b 'c d' ]")).toEqual({ base: ["run", "a"], extra: ["--b", "c d"] });
    expect(() => parseCommand("web", "run '")).toThrow(
      'cannot parse service "web" command: EOF found when expecting closing quote',
    );
  });
});

describe("serviceOrder()", () => {
  const graph = fc
    .uniqueArray(name, { minLength: 1, maxLength: 8 })
    .chain((names) =>
      fc.tuple(
        fc.constant(names),
        fc.array(
          fc.tuple(
            fc.nat(names.length - 1),
            fc.nat(names.length - 1),
            fc.constantFrom("after", "before", "requires" as const),
          ),
          { maxLength: 12 },
        ),
      ),
    );

  /** Services whose links only point to earlier names, so that there is no loop. */
  function services(names: readonly string[], links: readonly (readonly [number, number, string])[]) {
    const built: Record<string, Record<string, string[]>> = Object.fromEntries(names.map((one) => [one, {}]));
    for (const [a, b, key] of links) {
      const [low, high] = [Math.min(a, b), Math.max(a, b)].map((at) => names[at]!);
      if (low === high) continue;
      const [from, to] = key === "before" ? [low!, high!] : [high!, low!];
      const own = built[from]!;
      own[key] = [...(own[key] ?? []), to];
    }
    return built as Record<string, Service>;
  }

  test("to start, each comes behind those it follows; to stop, the other way; lanes keep it", () => {
    fc.assert(
      fc.property(graph, ([names, links]) => {
        const all = services(names, links);
        const start = serviceOrder(all, names, "start");
        const stop = serviceOrder(all, names, "stop");
        expect(start.toSorted()).toEqual(names.toSorted());
        for (const [one, { after = [], before = [] }] of Object.entries(all)) {
          for (const other of after) expect(start.indexOf(other)).toBeLessThan(start.indexOf(one));
          for (const other of after) expect(stop.indexOf(one)).toBeLessThan(stop.indexOf(other));
          for (const other of before) expect(start.indexOf(one)).toBeLessThan(start.indexOf(other));
        }
        const lanes = serviceLanes(all, start);
        expect(lanes.flat().toSorted()).toEqual(names.toSorted());
        for (const lane of lanes) expect(lane).toEqual(start.filter((one) => lane.includes(one)));
      }),
    );
  });

  test("a long chain needs no deep stack, a loop is named", () => {
    const names = Array.from({ length: 20_000 }, (_, at) => `s${at}`);
    const chain = Object.fromEntries(
      names.map((one, at) => [one, at > 0 ? { after: [names[at - 1]!] } : {}]),
    );
    expect(serviceOrder(chain, names, "start")).toEqual(names);
    const loop = { c: { after: ["a"] }, a: { after: ["b"] }, b: { after: ["c"] } };
    expect(() => serviceOrder(loop, ["a"], "start")).not.toThrow();
    expect(() => serviceOrder(loop, ["a", "b", "c"], "start")).toThrow(
      "services in before/after loop: a, b, c",
    );
  });

  test("starting takes in what is required, stopping what requires", () => {
    const all = { web: { requires: ["db"], after: ["db"] }, db: {}, other: {} };
    expect(serviceOrder(all, ["web"], "start")).toEqual(["db", "web"]);
    expect(serviceOrder(all, ["db"], "stop")).toEqual(["web", "db"]);
    expect(serviceLanes(all, ["db", "other", "web"])).toEqual([["db", "web"], ["other"]]);
  });
});
