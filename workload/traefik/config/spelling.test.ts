import fc from "fast-check";
import * as v from "valibot";
import { expect, test } from "vitest";
import { spelled } from "./spelling.ts";

const inner = v.object({ entryPoints: v.optional(v.array(v.string())), stripPrefix: v.optional(v.string()) });
const schema = v.object({
  httpRouters: v.optional(v.record(v.string(), inner)),
  list: v.optional(v.array(inner)),
});

test("spelled() writes keys as the schema does; names and unknown keys stay", () => {
  expect(
    spelled(schema, {
      HTTPROUTERS: { MyApp: { ENTRYPOINTS: ["Web"], Unknown: { A: 1 } } },
      List: [{ stripprefix: "/X" }],
    }),
  ).toEqual({
    httpRouters: { MyApp: { entryPoints: ["Web"], Unknown: { A: 1 } } },
    list: [{ stripPrefix: "/X" }],
  });
});

test("spelled() throws on nothing and leaves what is spelled so alone", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const once = spelled(schema, value);
      expect(spelled(schema, once)).toEqual(once);
    }),
  );
});
