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
      const given = respond(full);
      const answer = given instanceof Promise ? await given : given;
      return answer === "needs stdin" ? await withStdin(respond, full) : answer;
    },
    close() {},
  };
}

async function withStdin(respond: HookResponder, request: HookRequest): Promise<HookAnswer> {
  const answer = await respond({ ...request, stdin: request.stdin ?? new Uint8Array() });
  if (answer === "needs stdin") throw new TypeError(`${request.command} asked twice for standard input`);
  return answer;
}
