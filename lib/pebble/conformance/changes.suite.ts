import { describe, expect, test } from "vitest";
import { failure, type Ground, heard, refusal, SLEEPER, service, until } from "./ground.ts";

export function changes(on: Ground): void {
  const { raw } = on;
  describe("changes", () => {
    test("are listed by state and service", async () => {
      await on.pebble.addLayer("a", service(SLEEPER));
      const { id } = await on.pebble.start(["web"]);
      expect((await on.pebble.changes({ select: "all" })).map((change) => change.id)).toContain(id);
      expect(await on.pebble.changes()).toEqual([]);
      expect(
        (await on.pebble.changes({ select: "ready", service: "web" })).map((change) => change.id),
      ).toEqual([id]);
      expect(await on.pebble.changes({ select: "ready", service: "other" })).toEqual([]);
      expect(await refusal(on.pebble.abortChange(id))).toMatchObject({
        status: 400,
        detail: `cannot abort change ${id} with nothing pending`,
      });
    });

    test("can be aborted: a start is killed, a command too", { meta: { longStart: true } }, async () => {
      await on.pebble.addLayer(
        "a",
        service("/bin/sh -c 'echo up; exec sleep 60'", { "on-failure": "ignore" }),
      );
      const { change } = await raw("POST", "/v1/services", { action: "start", services: ["web"] });
      await until(
        () => on.pebble.logs(),
        (logs) => logs.length === 1,
      );
      expect(await on.pebble.abortChange(change)).toMatchObject({ status: "Abort", ready: false });
      expect(await on.pebble.waitChange(change)).toMatchObject({
        status: "Error",
        err: 'cannot perform the following tasks:\n- Start service "web" (start aborted, sent SIGKILL to process)',
      });
      expect(await on.pebble.services()).toMatchObject([{ current: "inactive" }]);
      const started = await on.pebble.startExec(["/bin/sleep", "60"]);
      await on.pebble.abortChange(started.changeId);
      expect(await started.result()).toMatchObject({ exitCode: 137 });
    });

    test("waiting gives up after its timeout", async () => {
      const stubborn = "/bin/sh -c 'trap : TERM; echo up; while :; do sleep 0.02; done'";
      await on.pebble.addLayer("a", service(stubborn, { "kill-delay": "1500ms" }));
      await on.pebble.start(["web"]);
      await heard(on, "up");
      const answer = await raw("POST", "/v1/services", { action: "stop", services: ["web"] });
      const waited = await raw("GET", `/v1/changes/${answer.change}/wait?timeout=10ms`);
      expect(waited).toMatchObject({
        "status-code": 504,
        result: { message: "timed out waiting for change after 10ms" },
      });
      const error = await failure(on.pebble.waitChange(answer.change, { timeoutMs: 20 }));
      expect(error).toMatchObject({ code: "ERR_PEBBLE_CHANGE_TIMEOUT", changeId: answer.change });
      expect(await on.pebble.waitChange(answer.change)).toMatchObject({ status: "Done" });
    });
  });
}
