import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ModelReport } from "../../model/status.ts";
import { filterStatus } from "./filter.ts";
import { naturalOrder } from "./natural-order.ts";
import { portsCell } from "./ports.ts";
import { renderStatus, STATUS_FORMATS } from "./render.ts";
import { table } from "./table.ts";

const golden = new URL("../../../test/golden/status/", import.meta.url);
const report = JSON.parse(readFileSync(new URL("03-relations.input.json", golden), "utf8")) as ModelReport;

function inVersion(version: string): ModelReport {
  return { ...report, model: { ...report.model, version } };
}

test("units of all applications are sorted as one list", () => {
  const sorted = ["w/0", "w-x/0", "w10/0", "w2/0"].sort(naturalOrder);
  expect(sorted).toEqual(["w2/0", "w10/0", "w-x/0", "w/0"]);
  expect(["w10", "w2", "w-x", "w"].sort(naturalOrder)).toEqual(["w", "w-x", "w2", "w10"]);
});

test("neighbouring ports are one range, protocols are groups", () => {
  expect(portsCell(["81/tcp", "80/tcp", "53/udp", "443/tcp", "icmp"])).toBe("80-81,443/tcp 53/udp icmp");
});

test("a selector leaves its application, and relations between what is left", () => {
  const { report: left, matched } = filterStatus(inVersion("4.0.15"), ["web"]);
  expect(matched).toBe(true);
  expect(Object.keys(left.applications)).toEqual(["web"]);
  expect(left.relations?.map(({ key }) => key)).toEqual(["web:peers"]);
  expect(Object.keys(left.applications["web"]?.relations ?? {})).toEqual(["peers"]);
});

test("only 3.6 knows wildcards and the words of statuses", () => {
  expect(Object.keys(filterStatus(inVersion("3.6.28"), ["we*"]).report.applications)).toEqual(["web"]);
  expect(Object.keys(filterStatus(inVersion("3.6.28"), ["waiting"]).report.applications)).toEqual([
    "traefik",
  ]);
  expect(filterStatus(inVersion("4.0.15"), ["we*"]).matched).toBe(false);
  expect(filterStatus(inVersion("4.0.15"), ["waiting"]).matched).toBe(false);
});

test("4.x says that an application is alive, 3.6 does not", () => {
  expect(renderStatus(inVersion("4.0.15"), "json")).toContain('"exposed":false,"life":"alive"');
  expect(renderStatus(inVersion("3.6.28"), "json")).not.toContain('"life"');
});

test("any text of a charm is printed in every format", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.constantFrom(...STATUS_FORMATS), (text, format) => {
      const web = report.applications["web"];
      if (!web) return false;
      const status = { ...web.status, message: text };
      const changed = { ...report, applications: { web: { ...web, status, version: text } } };
      return typeof renderStatus(changed, format, { relations: true }) === "string";
    }),
  );
});

test("table() loses no text of a cell", () => {
  const cell = fc.string({ unit: "grapheme-ascii" }).map((text) => text.trim());
  fc.assert(
    fc.property(fc.array(fc.array(cell, { minLength: 1 }), { minLength: 1 }), (rows) => {
      const lines = table(rows).split("\n");
      return rows.every((row, at) => row.every((text) => lines[at]?.includes(text)));
    }),
  );
});
