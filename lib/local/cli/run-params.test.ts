import { expect, test } from "vitest";
import { paramsOf } from "./run-params.ts";

const words = ["a=on", "b.c=12:30", "b.d=0o17", "e=1_000", "f=1e3", "g=no way", 'h="y"', "i="];

test("parameters of an action are read as YAML 1.1, as Juju does", async () => {
  expect(await paramsOf({ z: 1, a: 0 }, words, false)).toEqual({
    z: 1,
    a: true,
    b: { c: "12:30", d: 15 },
    e: 1000,
    f: "1e3",
    g: "no way",
    h: "y",
    i: null,
  });
});

test("with --string-args they are texts", async () => {
  const texts = await paramsOf({}, words, true);
  expect(texts).toEqual({
    a: "on",
    b: { c: "12:30", d: "0o17" },
    e: "1_000",
    f: "1e3",
    g: "no way",
    h: '"y"',
    i: "",
  });
});
