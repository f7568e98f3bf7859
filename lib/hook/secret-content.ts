import type { HookRequest } from "./transport.ts";

/** Puts secret content into the arguments; only for transports whose arguments stay in memory. */
export function inlineContent(request: HookRequest): HookRequest {
  const { content, ...rest } = request;
  if (content === undefined) return request;
  const pairs = Object.entries(content).map(
    ([key, value]) => `${key}#base64=${Buffer.from(value).toString("base64")}`,
  );
  return { ...rest, args: [...request.args, ...pairs] };
}
