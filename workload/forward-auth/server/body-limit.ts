/** How long the body of a request may take to arrive. */
import type { IncomingMessage } from "node:http";
import { LIMITS } from "./limits.ts";

const limits = new WeakMap<IncomingMessage, NodeJS.Timeout>();

/** Ends the connection unless the whole body is there in time. */
export function limitBody(request: IncomingMessage): void {
  const timer = setTimeout(() => request.socket.destroy(), LIMITS.bodyTimeout);
  limits.set(request, timer);
  request.once("close", () => clearTimeout(timer));
}

/** Takes the limit away: the body goes on to an upstream, and may take as long as it keeps coming. */
export function liftBodyLimit(request: IncomingMessage): void {
  clearTimeout(limits.get(request));
}
