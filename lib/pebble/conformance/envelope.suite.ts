import { describe, expect, test } from "vitest";
import type { Ground } from "./ground.ts";

export function envelope(on: Ground): void {
  const { raw } = on;
  describe("envelope", () => {
    test("system information has a boot id and a version", async () => {
      const info = await on.pebble.systemInfo();
      expect(info["boot-id"]).toMatch(/^[0-9a-f-]{36}$/);
      expect(info.version).toMatch(/^v1\./);
      expect(await on.pebble.systemInfo()).toEqual(info);
    });

    test.each([
      ["GET", "/v1/nowhere", 404, "invalid API endpoint requested"],
      ["DELETE", "/v1/plan", 405, 'method "DELETE" not allowed'],
      ["GET", "/v1/warnings", 404, "invalid API endpoint requested"],
      ["GET", "/v1/services/web", 400, "not implemented"],
      ["GET", "/v1/changes/99", 404, 'cannot find change with id "99"'],
      ["GET", "/v1/changes/99/wait", 404, 'cannot find change with id "99"'],
      ["GET", "/v1/changes?select=x", 400, "select should be one of: all,in-progress,ready"],
      ["GET", "/v1/notices/99", 404, 'cannot find notice with ID "99"'],
      ["GET", "/v1/plan", 400, 'invalid format ""'],
      ["GET", "/v1/health?level=x", 400, 'level must be "alive" or "ready"'],
      ["GET", "/v1/checks?level=x", 400, 'level must be "alive" or "ready"'],
      ["GET", "/v1/logs?n=-2", 400, "n must be -1, 0, or a positive integer"],
      ["GET", "/v1/logs?follow=x", 400, 'follow parameter must be "true" or "false"'],
      ["GET", "/v1/files?action=x", 400, 'invalid action "x"'],
      ["GET", "/v1/files?action=read&path=/a", 400, "must accept multipart/form-data"],
      ["GET", "/v1/files?action=read", 400, "must specify one or more paths"],
      ["GET", "/v1/files?action=list", 400, "must specify path"],
      ["GET", "/v1/files?action=list&path=a", 400, 'path must be absolute, got "a"'],
      ["GET", "/v1/tasks/99/websocket/stdio", 404, 'cannot find task "99"'],
    ] as const)("%s %s is refused with %i", async (method, path, status, message) => {
      const answer = await raw(method, path);
      expect(answer).toMatchObject({ type: "error", "status-code": status, result: { message } });
    });

    test.each([
      ["/v1/services", { action: "start" }, 400, "must specify services for start action"],
      ["/v1/services", { action: "replan", services: ["a"] }, 400, "replan accepts no service names"],
      ["/v1/services", { action: "x" }, 400, "must specify services for x action"],
      ["/v1/services", { action: "x", services: ["a"] }, 400, 'invalid action "x"'],
      [
        "/v1/services",
        { action: "stop", services: ["a"] },
        400,
        'cannot stop services: service "a" does not exist',
      ],
      ["/v1/layers", { action: "x" }, 400, 'invalid action "x"'],
      ["/v1/layers", { action: "add" }, 400, "label must be set"],
      ["/v1/layers", { action: "add", label: "a", format: "x" }, 400, 'invalid format "x"'],
      ["/v1/signals", { signal: "SIGHUP", services: [] }, 400, "must specify one or more services"],
      ["/v1/checks", { action: "start", checks: [] }, 400, "must specify checks for start action"],
      ["/v1/checks", { action: "x", checks: ["a"] }, 400, 'invalid action "x"'],
      [
        "/v1/checks",
        { action: "stop", checks: ["b", "a"] },
        400,
        "cannot stop checks: cannot find checks in plan: a, b",
      ],
      ["/v1/checks/refresh", { name: "a" }, 404, 'cannot find check with name "a"'],
      ["/v1/exec", { command: [] }, 400, "must specify command"],
      ["/v1/exec", { command: ["no-such-program"] }, 400, 'cannot find executable "no-such-program"'],
      ["/v1/files", { action: "x" }, 400, 'invalid action "x"'],
      ["/v1/files", { action: "write" }, 400, 'must use multipart with "write" action'],
      ["/v1/notices", { action: "x" }, 400, 'invalid action "x"'],
      [
        "/v1/notices",
        { action: "add", type: "warning" },
        400,
        'invalid type "warning" (can only add "custom" notices)',
      ],
      [
        "/v1/notices",
        { action: "add", type: "custom", key: "a" },
        400,
        'invalid key "a" (must be in "example.com/path" format)',
      ],
    ] as const)("POST %s %j is refused", async (path, body, status, message) => {
      const answer = await raw("POST", path, body);
      expect(answer).toMatchObject({ type: "error", "status-code": status, result: { message } });
    });
  });
}
