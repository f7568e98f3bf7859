import { describe, expect, test } from "vitest";
import { type Ground, heard, service } from "./ground.ts";

export function logs(on: Ground): void {
  describe("logs", () => {
    test("keep lines of all services in order, n from the end", async () => {
      await on.pebble.addLayer("a", service("/bin/sh -c 'echo 1; echo 2; echo 3; exec sleep 60'"));
      await on.pebble.start(["web"]);
      await heard(on, "3");
      const all = await on.pebble.logs({ n: -1 });
      expect(all.map(({ message }) => message)).toEqual(["1", "2", "3"]);
      expect(all[0]).toMatchObject({ service: "web", time: expect.stringMatching(/^\d{4}-.*Z$/) });
      expect((await on.pebble.logs({ n: 2 })).map(({ message }) => message)).toEqual(["2", "3"]);
      expect(await on.pebble.logs({ services: ["other"] })).toEqual([]);
    });

    test("follow what is written from now on", async () => {
      await on.pebble.addLayer(
        "a",
        service(`/bin/sh -c 'trap "echo more" HUP; echo old; while :; do sleep 0.02; done'`),
      );
      await on.pebble.start(["web"]);
      await heard(on, "old");
      const following = on.pebble.followLogs();
      const first = following.next();
      const stop = new AbortController();
      const poke = async () => {
        while (!stop.signal.aborted) {
          await on.pebble.signal("SIGHUP", ["web"]);
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      };
      const poking = poke();
      expect((await first).value).toMatchObject({ service: "web", message: "more" });
      stop.abort();
      await poking;
      await following.return(undefined);
    });
  });
}
