/** Whose request it is, as far as an address tells. */
import type { DecisionMode } from "../config.ts";
import type { Settings } from "../settings.ts";
import { firstHeader, type Head } from "./head.ts";
import type { Asked } from "./reply.ts";

/** `127.0.0.1:4711`, `[::1]:4711`. */
export function peerAddress({ remoteAddress = "", remotePort }: Asked["socket"]): string {
  if (remotePort === undefined) return remoteAddress;
  return remoteAddress.includes(":") ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`;
}

/** An address without its port; undefined when it is none. */
function readClient(text: string): string | undefined {
  const [, bracketed, plain] = /^\s*(?:\[([\da-f:.]+)\]|([\d.]+))(?::\d{1,5})?\s*$/i.exec(text) ?? [];
  const address = bracketed ?? plain ?? (/^[\da-f:.]{2,45}$/i.test(text.trim()) ? text.trim() : undefined);
  return address?.toLowerCase();
}

/** The last hop that is no gateway of ours: those before it can be invented by the user. */
function lastForeign(list: string, settings: Settings): string | undefined {
  const hops = list.split(",").map((hop) => hop.trim());
  return readClient(hops.findLast((hop) => !settings.trusted.has(readClient(hop) ?? hop)) ?? hops[0] ?? "");
}

/**
 * The user's address in the words of a gateway that is believed; undefined when it tells none.
 *
 * In mode `compat` the header is the configured one, read with `reverse_proxy` only; elsewhere `X-Forwarded-For`.
 */
export function realClient(
  settings: Settings,
  mode: DecisionMode,
  head: Head,
  raw: readonly string[],
): string | undefined {
  const { reverse_proxy, real_client_ip_header } = settings.options;
  if (mode === "compat" && !reverse_proxy) return undefined;
  const name = mode === "compat" ? real_client_ip_header.toLowerCase() : "x-forwarded-for";
  if (name === "x-forwarded-for") {
    const list = head["x-forwarded-for"];
    return list === undefined ? undefined : lastForeign(list, settings);
  }
  const value = name === "x-real-ip" ? head["x-real-ip"] : firstHeader(raw, name);
  return value === undefined ? undefined : readClient(value.split(",", 1)[0] ?? "");
}
