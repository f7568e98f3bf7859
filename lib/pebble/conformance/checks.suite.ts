import { describe, expect, test } from "vitest";
import type { Layer } from "../index.ts";
import { type Ground, SLEEPER, service, until } from "./ground.ts";

export function checks(on: Ground): void {
  const { at } = on;
  describe("checks", () => {
    const failing = (more: object = {}): Layer => ({
      checks: {
        up: {
          override: "replace",
          period: "50ms",
          threshold: 2,
          exec: { command: `/bin/ls ${at("flag")}` },
          ...more,
        },
      },
    });

    test("are performed in each period", async () => {
      await on.pebble.write(at("flag"), "");
      await on.pebble.addLayer("a", failing({ period: "500ms" }));
      await until(
        () => on.pebble.checks(),
        ([up]) => up!.successes >= 2,
      );
    });

    test("go down at their threshold and recover, with a change and a notice each", async () => {
      await on.pebble.write(at("flag"), "");
      await on.pebble.addLayer("a", failing({ level: "ready", period: "1h" }));
      const [first] = await on.pebble.checks();
      expect(first).toMatchObject({
        name: "up",
        level: "ready",
        startup: "enabled",
        status: "up",
        threshold: 2,
      });
      expect((await on.pebble.refreshCheck("up")).info).toMatchObject({ status: "up", successes: 1 });
      expect(await on.pebble.healthy()).toBe(true);
      await on.pebble.remove(at("flag"));
      expect((await on.pebble.refreshCheck("up")).info).toMatchObject({ status: "up", failures: 1 });
      await on.pebble.refreshCheck("up");
      const [down] = await until(
        () => on.pebble.checks(),
        ([up]) => up!.status === "down",
      );
      expect(down).toMatchObject({ "prev-change-id": first!["change-id"] });
      expect(await on.pebble.healthy()).toBe(false);
      expect(await on.pebble.healthy({ level: "alive" })).toBe(true);
      const performed = await on.pebble.change(first!["change-id"]!);
      expect(performed).toMatchObject({
        kind: "perform-check",
        summary: 'Perform exec check "up"',
        status: "Error",
      });
      expect(performed.err).toMatch(
        /^cannot perform the following tasks:\n.*- Perform exec check "up" \(exit status [12]; .*No such file/s,
      );
      await on.pebble.write(at("flag"), "");
      await on.pebble.refreshCheck("up");
      await until(
        () => on.pebble.checks(),
        ([up]) => up!.status === "up",
      );
      const recovered = await on.pebble.change(down!["change-id"]!);
      expect(recovered).toMatchObject({
        kind: "recover-check",
        summary: 'Recover exec check "up"',
        status: "Done",
      });
      const notices = await on.pebble.notices({
        types: ["change-update"],
        keys: [first!["change-id"]!, down!["change-id"]!],
      });
      expect(notices.map((notice) => notice["last-data"])).toEqual([
        { kind: "perform-check", "check-name": "up" },
        { kind: "recover-check", "check-name": "up" },
      ]);
      expect(notices[0]).toMatchObject({ "user-id": null, type: "change-update" });
    });

    test("restart a service when they go down", async () => {
      await on.pebble.addLayer(
        "a",
        service("/bin/sh -c 'echo up; exec sleep 60'", {
          "on-check-failure": { up: "restart" },
          "backoff-delay": "10ms",
        }),
      );
      await on.pebble.start(["web"]);
      await on.pebble.addLayer("b", failing());
      await until(
        () => on.pebble.logs(),
        (logs) => logs.length >= 2,
      );
      await until(
        () => on.pebble.services(),
        ([web]) => web!.current === "active",
      );
    });

    test("are stopped, started and refreshed by name", async () => {
      await on.pebble.addLayer("a", failing({ period: "1h", startup: "disabled" }));
      expect(await on.pebble.checks()).toEqual([
        { name: "up", startup: "disabled", status: "inactive", successes: 0, threshold: 2 },
      ]);
      const dry = await on.pebble.refreshCheck("up");
      expect(dry.error).toMatch(/^exit status [12]; /);
      expect(dry.info).toMatchObject({ status: "inactive" });
      expect(await on.pebble.startChecks(["up"])).toEqual(["up"]);
      expect(await on.pebble.startChecks(["up"])).toEqual([]);
      expect((await on.pebble.refreshCheck("up")).info).toMatchObject({ status: "up", failures: 1 });
      expect((await on.pebble.refreshCheck("up")).error).toMatch(/^exit status/);
      await until(
        () => on.pebble.checks(),
        ([up]) => up!.status === "down",
      );
      const id = (await on.pebble.checks())[0]!["change-id"]!;
      expect(await on.pebble.stopChecks(["up"])).toEqual(["up"]);
      expect(await on.pebble.checks()).toMatchObject([{ status: "inactive", failures: 2 }]);
      expect(
        await until(
          () => on.pebble.change(id),
          ({ ready }) => ready,
        ),
      ).toMatchObject({ status: "Done" });
      expect(await on.pebble.stopChecks(["up"])).toEqual([]);
    });

    test("a changed check starts afresh, an unchanged one goes on", async () => {
      await on.pebble.addLayer("a", failing({ period: "1h" }));
      const [first] = await on.pebble.checks();
      await on.pebble.addLayer("b", service(SLEEPER));
      expect(await on.pebble.checks()).toEqual([first]);
      await on.pebble.addLayer("a", failing({ period: "2h" }));
      const [second] = await on.pebble.checks();
      expect(second!["change-id"]).not.toBe(first!["change-id"]);
      expect(
        await until(
          () => on.pebble.change(first!["change-id"]!),
          ({ ready }) => ready,
        ),
      ).toMatchObject({ status: "Done" });
    });

    test.each([
      ["tcp", { tcp: { port: 1 } }, /^dial tcp .*:1: connect: connection refused$/],
      [
        "http",
        { http: { url: "http://localhost:1/x" } },
        /^Get "http:\/\/localhost:1\/x": dial tcp .*:1: connect: connection refused$/,
      ],
      [
        "exec that takes too long",
        { exec: { command: "/bin/sleep 60" }, timeout: "50ms" },
        /^check timed out after 50ms$/,
      ],
    ])("%s says why it failed", async (_kind, check, message) => {
      await on.pebble.addLayer("a", { checks: { up: { override: "replace", period: "1h", ...check } } });
      expect((await on.pebble.refreshCheck("up")).error).toMatch(message);
    });
  });
}
