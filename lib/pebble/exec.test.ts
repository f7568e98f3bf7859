import { describe, expect, test } from "vitest";
import { PebbleUnreachableError } from "./errors.ts";
import { startExec } from "./exec.ts";
import type { PebbleTransport } from "./transport.ts";

const STARTED = { type: "async", "status-code": 202, change: "1", result: { "task-id": "7" } };

/** Answers `POST /v1/exec`, and goes away when the websocket of that number is asked for. */
function vanishing(at: number) {
  const paths: string[] = [];
  const closed: string[] = [];
  const transport: PebbleTransport = {
    request: async () => ({
      status: 202,
      headers: { "content-type": "application/json" },
      body: new TextEncoder().encode(JSON.stringify(STARTED)),
    }),
    close() {},
    async websocket(path) {
      if (paths.length === at) throw new PebbleUnreachableError("/p.socket");
      paths.push(path);
      const messages = {
        [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }),
      };
      return { messages, send() {}, close: () => void closed.push(path) };
    },
  };
  return { transport, paths, closed };
}

describe("a Pebble that goes away while a command is started", () => {
  test.each([0, 1, 2])("after %i websockets: none of them stays open", async (at) => {
    const { transport, paths, closed } = vanishing(at);
    await expect(startExec(transport, ["web", "migrate"])).rejects.toThrow(PebbleUnreachableError);
    expect(paths).toHaveLength(at);
    expect(closed).toEqual(paths);
  });
});
