/** How long the body of a request may take to arrive. */
import type { IncomingMessage } from "node:http";

const limits = new WeakMap<IncomingMessage, NodeJS.Timeout>();

/** Ends the connection unless the whole body is there in time. @param timeout Milliseconds. */
export function limitBody(request: IncomingMessage, timeout: number): void {
  const timer = setTimeout(() => request.socket.destroy(), timeout);
  limits.set(request, timer);
  request.once("close", () => clearTimeout(timer));
}

/** Takes the limit away: the body goes on to an upstream, and may take as long as it keeps coming. */
export function liftBodyLimit(request: IncomingMessage): void {
  clearTimeout(limits.get(request));
}
