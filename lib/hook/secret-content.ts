import type { HookRequest } from "./transport.ts";

/** Puts secret content into the arguments; only for transports whose arguments stay in memory. */
export function inlineContent(request: HookRequest): HookRequest {
  if (request.content === undefined) return request;
  const { content, ...rest } = request;
  const pairs = Object.entries(content).map(
    ([key, value]) => `${key}#base64=${Buffer.from(value).toString("base64")}`,
  );
  return { ...rest, args: [...request.args, ...pairs] };
}
