import { describe, expect, test } from "vitest";
import { type Ground, SLEEPER, service } from "./ground.ts";

/** `secret`, as crypt(3) hashes it. */
const HASH =
  "$6$pebble$LzymwkB7b00ElWag5wW4dxQe7FWoI0WQnP63ozt2jRauHPdTp6f5wq7B0CFBbvjcdR/EM/V3lCi.D.u4q2yqx.";

const credentials = (name: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`,
});

export function tcp(on: Ground): void {
  describe("TCP port", () => {
    const ask = (path: string, headers: Record<string, string> = {}) =>
      fetch(`http://${on.httpAddress}${path}`, { headers });

    test("is told by the system information, and answers what is open to all", async () => {
      expect(await on.pebble.systemInfo()).toMatchObject({ "http-address": on.httpAddress });
      expect((await ask("/v1/system-info")).status).toBe(200);
      expect(await (await ask("/v1/health")).json()).toMatchObject({ result: { healthy: true } });
    });

    test.each(["/v1/services", "/v1/plan", "/v1/files?action=list&path=/", "/v1/notices", "/v1/metrics"])(
      "%s is denied, to an admin too",
      async (path) => {
        await on.pebble.addIdentities({ root: { access: "admin", basic: { password: HASH } } });
        for (const headers of [{}, credentials("root", "secret")]) {
          const answer = await ask(path, headers);
          expect(answer.status).toBe(401);
          expect(await answer.json()).toMatchObject({
            result: { message: "access denied", kind: "login-required" },
          });
        }
      },
    );

    test("gives metrics to a metrics identity with its password", async () => {
      await on.pebble.addIdentities({ mon: { access: "metrics", basic: { password: HASH } } });
      await on.pebble.addLayer("a", {
        ...service(SLEEPER),
        checks: { up: { override: "replace", exec: { command: "/bin/true" }, period: "1h" } },
      });
      await on.pebble.start(["web"]);
      const answer = await ask("/v1/metrics", credentials("mon", "secret"));
      expect(answer.status).toBe(200);
      const text = await answer.text();
      for (const line of [
        'pebble_service_start_count{service="web"} 1',
        'pebble_service_active{service="web"} 1',
        'pebble_check_up{check="up"} 1',
        "# TYPE pebble_service_start_count counter",
      ]) {
        expect(text.split("\n")).toContain(line);
      }
      expect(await on.pebble.metrics()).toBe(text);
      for (const wrong of [
        credentials("mon", "Secret"),
        credentials("mom", "secret"),
        { authorization: "Basic !" },
      ]) {
        expect((await ask("/v1/metrics", wrong)).status).toBe(401);
      }
      expect((await ask("/v1/services", credentials("mon", "secret"))).status).toBe(401);
    });
  });
}
