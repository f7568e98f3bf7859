import { describe, expect, test } from "vitest";
import { ChangeError } from "../index.ts";
import { failure, type Ground, heard, outcome, refusal, SLEEPER, service, until } from "./ground.ts";

export function services(on: Ground): void {
  const { at } = on;
  describe("services", () => {
    test("start, stay, stop; a layer alone starts nothing", async () => {
      await on.pebble.addLayer("a", service(SLEEPER));
      expect(await on.pebble.services()).toEqual([{ name: "web", startup: "disabled", current: "inactive" }]);
      const started = await on.pebble.start(["web"]);
      expect(started).toMatchObject({
        kind: "start",
        summary: 'Start service "web"',
        status: "Done",
        ready: true,
      });
      expect(outcome(started)).toEqual({ 'Start service "web"': "Done" });
      expect(await on.pebble.services(["web", "unknown"])).toMatchObject([
        { current: "active", "current-since": expect.any(String) },
      ]);
      const again = await on.pebble.start(["web"]);
      expect(again.tasks[0]!.log).toEqual([expect.stringMatching(/ INFO Service "web" already started\.$/)]);
      const stopped = await on.pebble.stop(["web"]);
      expect(stopped).toMatchObject({ kind: "stop", summary: 'Stop service "web"', status: "Done" });
      expect(await on.pebble.services()).toMatchObject([{ current: "inactive" }]);
      const stoppedAgain = await on.pebble.stop(["web"]);
      expect(stoppedAgain.tasks[0]!.log).toEqual([
        expect.stringMatching(/ INFO Service "web" already stopped\.$/),
      ]);
    });

    test("one that ends at once fails its change with its last output, and is restarted all the same", {
      meta: { longStart: true },
    }, async () => {
      await on.pebble.addLayer(
        "a",
        service("/bin/sh -c 'echo one; echo two >&2; exit 3'", {
          "backoff-delay": "1m",
          "backoff-limit": "1m",
        }),
      );
      const error = (await failure(on.pebble.start(["web"]))) as ChangeError;
      expect(error).toBeInstanceOf(ChangeError);
      expect(error.change).toMatchObject({
        status: "Error",
        err: 'cannot perform the following tasks:\n- Start service "web" (service start attempt: exited quickly with code 3, will restart)',
      });
      const log = error.change.tasks[0]!.log!;
      expect(log[0]).toMatch(/ INFO Most recent service output:\n {4}one\n {4}two$/);
      expect(log[1]).toMatch(/ ERROR service start attempt: exited quickly with code 3, will restart$/);
      expect(error.message).toContain("one");
      expect(await on.pebble.services()).toMatchObject([{ current: "backoff" }]);
      await on.pebble.stop(["web"]);
      expect(await on.pebble.services()).toMatchObject([{ current: "inactive" }]);
    });

    test("a program that is not there cannot be started", async () => {
      await on.pebble.addLayer("a", service("/no/such/program"));
      const { change } = (await failure(on.pebble.start(["web"]))) as ChangeError;
      expect(change.err).toContain(
        "cannot start service: fork/exec /no/such/program: no such file or directory",
      );
      expect(await on.pebble.services()).toMatchObject([{ current: "inactive" }]);
    });

    test.each([
      ["on-failure: ignore", { "on-failure": "ignore" }, "exit 1", "error"],
      ["on-success: ignore", { "on-success": "ignore" }, "exit 0", "inactive"],
    ] as const)("%s leaves it down", { meta: { longStart: true } }, async (_title, more, script, current) => {
      await on.pebble.addLayer("a", service(`/bin/sh -c '${script}'`, more));
      const error = (await failure(on.pebble.start(["web"]))) as ChangeError;
      expect(error.change.err).toMatch(/will ignore/);
      expect(await on.pebble.services()).toMatchObject([{ current }]);
      const stopped = await on.pebble.stop(["web"]);
      const message = current === "error" ? "had already exited." : "already stopped.";
      expect(stopped.tasks[0]!.log![0]).toContain(`Service "web" ${message}`);
    });

    test("a killed one comes back after its back-off, with the time of its environment", async () => {
      await on.pebble.addLayer(
        "a",
        service(`/bin/sh -c 'echo $WHO $$; exec sleep 60'`, {
          environment: { WHO: "me" },
          "backoff-delay": "50ms",
        }),
      );
      await on.pebble.start(["web"]);
      await until(
        () => on.pebble.logs(),
        (logs) => logs.length === 1,
      );
      await on.pebble.signal("SIGKILL", ["web"]);
      const lines = await until(
        () => on.pebble.logs(),
        (logs) => logs.length === 2,
      );
      const pids = lines.map(({ message }) => /^me (\d+)$/.exec(message)?.[1]);
      expect(new Set(pids).size).toBe(2);
      await until(
        () => on.pebble.services(),
        ([web]) => web?.current === "active",
      );
    });

    test("one that ignores SIGTERM is killed after its kill delay", async () => {
      await on.pebble.addLayer(
        "a",
        service(`/bin/sh -c 'trap "echo term" TERM; echo up; while :; do sleep 0.02; done'`, {
          "kill-delay": "700ms", // Time enough for its last words on a busy machine.
        }),
      );
      await on.pebble.start(["web"]);
      await heard(on, "up");
      expect(await on.pebble.stop(["web"])).toMatchObject({ status: "Done" });
      expect((await on.pebble.logs()).map(({ message }) => message)).toContain("term");
    });

    test("requirements start first and stop last", async () => {
      const sleeper = { override: "replace", command: SLEEPER } as const;
      await on.pebble.addLayer("a", {
        services: { web: { ...sleeper, requires: ["db"], after: ["db"] }, db: sleeper },
      });
      const started = await on.pebble.start(["web"]);
      expect(started.summary).toBe('Start service "web" and 1 more');
      expect(started.tasks.map(({ summary }) => summary)).toEqual([
        'Start service "db"',
        'Start service "web"',
      ]);
      const stopped = await on.pebble.stop(["db"]);
      expect(stopped.tasks.map(({ summary }) => summary)).toEqual([
        'Stop service "web"',
        'Stop service "db"',
      ]);
      const restarted = await on.pebble.restart(["db"]);
      expect(restarted.tasks.map(({ summary }) => summary)).toEqual([
        'Stop service "db"',
        'Start service "db"',
      ]);
    });

    test("a failed requirement holds what needs it", { meta: { longStart: true } }, async () => {
      await on.pebble.addLayer("a", {
        services: {
          web: { override: "replace", command: SLEEPER, requires: ["db"], after: ["db"] },
          db: { override: "replace", command: "/bin/false", "on-failure": "ignore" },
        },
      });
      const { change } = (await failure(on.pebble.start(["web"]))) as ChangeError;
      expect(outcome(change)).toEqual({ 'Start service "db"': "Error", 'Start service "web"': "Hold" });
    });

    test("a failed dependant leaves its requirement running", { meta: { longStart: true } }, async () => {
      await on.pebble.addLayer("a", {
        services: {
          web: {
            override: "replace",
            command: "/bin/false",
            requires: ["db"],
            after: ["db"],
            "on-failure": "ignore",
          },
          db: { override: "replace", command: SLEEPER },
        },
      });
      const { change } = (await failure(on.pebble.start(["web"]))) as ChangeError;
      expect(outcome(change)).toEqual({ 'Start service "db"': "Done", 'Start service "web"': "Error" });
      expect(await on.pebble.services()).toMatchObject([{ current: "active" }, { current: "error" }]);
    });

    test("autostart starts the enabled ones, and is an error without any", async () => {
      await on.pebble.addLayer("a", service(SLEEPER));
      expect(await refusal(on.pebble.autostart())).toEqual({
        status: 400,
        kind: "no-default-services",
        detail: "no default services",
      });
      await on.pebble.addLayer("a", service(SLEEPER, { startup: "enabled" }));
      expect(await on.pebble.autostart()).toMatchObject({
        kind: "autostart",
        summary: 'Autostart service "web"',
      });
    });

    test("replan starts the enabled, restarts the changed and leaves the rest alone", async () => {
      await on.pebble.addLayer("a", service(SLEEPER, { startup: "enabled" }));
      expect(await on.pebble.replan()).toMatchObject({ summary: 'Replan service "web"', status: "Done" });
      await heard(on, "up");
      const [before] = await on.pebble.services();
      const same = await on.pebble.replan();
      expect(outcome(same)).toEqual({ 'Start service "web"': "Done" });
      expect(await on.pebble.services()).toEqual([before]);
      await on.pebble.addLayer("a", service(SLEEPER, { startup: "enabled", environment: { NEW: "1" } }));
      const changed = await on.pebble.replan();
      expect(outcome(changed)).toEqual({ 'Stop service "web"': "Done", 'Start service "web"': "Done" });
      await heard(on, "up", 2);
      expect((await on.pebble.logs()).map(({ message }) => message)).toEqual(["up", "up"]);
    });

    test("replan with nothing to do is done at once", async () => {
      await on.pebble.addLayer("a", service(SLEEPER));
      expect(await on.pebble.replan()).toMatchObject({
        summary: "Replan - no services",
        status: "Done",
        tasks: [],
      });
    });

    test("signals reach the process; others are refused", async () => {
      await on.pebble.addLayer(
        "a",
        service(`/bin/sh -c 'trap "echo hup" HUP; echo up; while :; do sleep 0.02; done'`),
      );
      expect(await refusal(on.pebble.signal("SIGHUP", ["web"]))).toMatchObject({
        status: 500,
        detail: 'cannot send signal to "web": service is not running',
      });
      await on.pebble.start(["web"]);
      await heard(on, "up");
      expect(await refusal(on.pebble.signal("HUP", ["web"]))).toMatchObject({
        detail: 'cannot send signal to "web": invalid signal name "HUP"',
      });
      await on.pebble.signal("SIGHUP", ["web"]);
      await heard(on, "hup");
    });

    test("working directory and environment are the plan's", async () => {
      await on.pebble.makeDir(at("work"));
      const more = { environment: { GREETING: "hello 'you'" }, "working-dir": at("work") };
      await on.pebble.addLayer("a", service(`/bin/sh -c 'pwd; echo "$GREETING"; exec sleep 60'`, more));
      await on.pebble.start(["web"]);
      await heard(on, "hello 'you'");
      const [pwd, greeting] = await on.pebble.logs();
      expect(pwd!.message.endsWith("/work")).toBe(true);
      expect(greeting!.message).toBe("hello 'you'");
    });
  });
}
