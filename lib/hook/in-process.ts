import { inlineContent } from "./secret-content.ts";
import type { HookAnswer, HookRequest, HookTransport } from "./transport.ts";

/**
 * Answers hook commands in this process. `"needs stdin"` says that the command reads standard input and
 * none was supplied; nothing may have been changed then.
 */
export type HookResponder = (
  request: HookRequest,
) => HookAnswer | "needs stdin" | Promise<HookAnswer | "needs stdin">;

/** A transport to a function, for tests and models in this process. */
export function inProcess(respond: HookResponder): HookTransport {
  return {
    async run(request) {
      const full = inlineContent(request);
      const answer = await respond(full);
      if (answer !== "needs stdin") return answer;
      const again = await respond({ ...full, stdin: full.stdin ?? new Uint8Array() });
      if (again === "needs stdin") throw new TypeError(`${request.command} asked twice for standard input`);
      return again;
    },
    close() {},
  };
}
