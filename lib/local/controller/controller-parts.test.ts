import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LineReader, parseRequest } from "../control/protocol.ts";
import { stateDir } from "../state-dir.ts";
import { logFilter } from "./log-levels.ts";
import { lineFilter } from "./methods/debug-log.ts";
import { Slots } from "./slots.ts";
import { Store } from "./store.ts";

describe("logFilter()", () => {
  test.each([
    ["<root>=INFO", "unit.web/0.install", "DEBUG", false],
    ["<root>=INFO", "unit.web/0.install", "WARNING", true],
    ["<root>=INFO;unit=DEBUG", "unit.web/0.install", "DEBUG", true],
    ["<root>=INFO;unit=DEBUG", "juju.worker.uniter", "DEBUG", false],
    ["<root>=WARN;junk;unit.web/0=TRACE", "unit.web/0.juju-log", "TRACE", true],
    ["<root>=WARN;junk", "unit.web/0.juju-log", "INFO", false],
    ["", "x", "DEBUG", false],
  ])("%s: %s %s is %s", (config, module, level, kept) => expect(logFilter(config)(module, level)).toBe(kept));
});

describe("lineFilter()", () => {
  const line = {
    id: 1,
    time: 0,
    entity: "unit-web-0",
    level: "INFO",
    module: "unit.web/0.juju-log",
    message: "",
  };

  test.each([
    [{}, true],
    [{ include: ["web/0"] }, true],
    [{ include: ["unit-web-0"] }, true],
    [{ include: ["web"] }, true],
    [{ include: ["unit-web*"] }, true],
    [{ include: ["we"] }, false],
    [{ include: ["web-k8s"] }, false],
    [{ exclude: ["web"] }, false],
    [{ includeModule: ["unit"] }, true],
    [{ includeModule: ["uni"] }, false],
    [{ excludeModule: ["unit.web/0"] }, false],
    [{ level: "WARNING" }, false],
  ])("%o lets the line through: %s", (params, through) => expect(lineFilter(params)(line)).toBe(through));

  test("any text is an entity pattern", () => {
    fc.assert(fc.property(fc.string(), (text) => void lineFilter({ include: [text] })(line)));
  });
});

describe("parseRequest()", () => {
  test("reads a request", () => {
    expect(parseRequest('{"id":1,"method":"status","params":{"model":"iam"}}')).toEqual({
      id: 1,
      method: "status",
      params: { model: "iam" },
    });
  });

  test("never throws, whatever the line", () => {
    fc.assert(fc.property(fc.string(), (line) => void parseRequest(line)));
    fc.assert(fc.property(fc.json(), (line) => void parseRequest(line)));
  });
});

test("LineReader gives whole lines however the text is cut", () => {
  const cut = fc.array(fc.string({ unit: fc.constantFrom("a", "\n", "é") }));
  fc.assert(
    fc.property(cut, (parts) => {
      const lines: string[] = [];
      const reader = new LineReader((line) => lines.push(line));
      for (const part of parts) reader.push(part);
      const whole = parts.join("").split("\n").slice(0, -1);
      expect(lines).toEqual(whole.filter((line) => line !== ""));
    }),
  );
});

describe("stateDir()", () => {
  test("is in the user's state folder, with sockets in a short one", () => {
    const dir = stateDir({ HOME: "/home/ann", XDG_RUNTIME_DIR: "/run/user/1" });
    expect(dir.state).toBe("/home/ann/.local/state/charmed-iap/local");
    expect(dir.controlSocket).toMatch(/^\/run\/user\/1\/charmed-iap\/[0-9a-f]{8}\/control\.sock$/);
    expect(stateDir({ HOME: "/h", XDG_STATE_HOME: "/x" }).state).toBe("/x/charmed-iap/local");
    expect(stateDir({ CHARMED_IAP_STATE: "/a" }).runtime).not.toBe(
      stateDir({ CHARMED_IAP_STATE: "/b" }).runtime,
    );
  });
});

describe("Store", () => {
  test("a transaction is all or nothing", () => {
    const store = new Store(":memory:");
    const work = (): void => {
      store.setMeta("a", "1");
      throw new Error("half-way");
    };
    expect(() => store.transaction(work)).toThrow("half-way");
    expect(store.meta("a")).toBeUndefined();
    store.close();
  });

  test("removing a model removes its log and objects, and nothing of others", () => {
    const store = new Store(":memory:");
    const line = { time: 1, entity: "unit-web-0", level: "INFO", module: "m", message: "x" };
    for (const uuid of ["a", "b"]) {
      store.saveModel({ uuid, name: uuid, snapshot: "{}" });
      store.addLog(uuid, line);
      store.saveObject(uuid, { kind: "services", name: "s", value: "{}" });
    }
    store.removeModel("a");
    expect(store.models().map(({ uuid }) => uuid)).toEqual(["b"]);
    expect(store.log("a")).toEqual([]);
    expect(store.log("b")).toEqual([{ id: 2, ...line }]);
    expect(store.objects("b")).toHaveLength(1);
    store.close();
  });
});

test("Slots wakes who waits when one is free", () => {
  const slots = new Slots(1);
  let woken = 0;
  slots.onFree(() => {
    woken += 1;
  });
  expect([slots.take(), slots.take()]).toEqual([true, false]);
  slots.release();
  expect([woken, slots.take()]).toEqual([1, true]);
});
