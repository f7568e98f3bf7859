import { readdirSync } from "node:fs";
import path from "node:path";
import { decode, type Interface, type InterfaceContract, type Side } from "charmed-iap/interface";
import { databagArbitrary, sampleDatabag } from "charmed-iap/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const folders = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name }) =>
    readdirSync(new URL(name, import.meta.url)).flatMap((version) =>
      /^v\d+$/.test(version) ? [`${name}/${version}`] : [],
    ),
  );

/** Every databag of an interface, by role and kind. */
async function databags(folder: string) {
  const exported = Object.values(
    (await import(/* @vite-ignore */ path.join(import.meta.dirname, folder, "index.ts"))) as object,
  );
  const isInterface = (one: unknown): one is Interface<InterfaceContract> =>
    typeof one === "object" && one !== null && "sides" in one;
  return exported
    .filter(isInterface)
    .flatMap(({ sides }) =>
      Object.entries(sides as Readonly<Record<string, Side>>).flatMap(([role, { app, unit }]) => [
        ...(app === undefined ? [] : [{ title: `${role} app`, bag: app }]),
        ...(unit === undefined ? [] : [{ title: `${role} unit`, bag: unit }]),
      ]),
    );
}

describe.each(folders)("%s", async (folder) => {
  const all = await databags(folder);
  if (all.length === 0) return test("has no databag to fake", () => expect(all).toEqual([]));
  test.each(all)("$title: samples from the schema are read as what they are", ({ bag }) => {
    const least = sampleDatabag(bag, "minimal");
    const most = sampleDatabag(bag, "full");
    expect(decode(bag, most).state).toBe("ready");
    expect(Object.keys(most)).toEqual(expect.arrayContaining(Object.keys(least)));
    expect(decode(bag, least).state).toBe(Object.keys(least).length === 0 ? "pending" : "ready");
  });

  test.each(all)("$title: whatever the schema accepts can be written and read", ({ bag }) => {
    const written = fc.property(databagArbitrary(fc, bag), (raw) => {
      expect(decode(bag, raw).state).not.toBe("invalid");
    });
    fc.assert(written, { numRuns: 100 });
  });
});
