/** Whose request it is, as far as an address tells. */
import { isIP } from "node:net";
import type { DecisionMode } from "../config.ts";
import type { Settings } from "../settings.ts";
import { firstHeader, type Head } from "./head.ts";
import type { Asked } from "./reply.ts";

/** `127.0.0.1:4711`, `[::1]:4711`. */
export function peerAddress({ remoteAddress = "", remotePort }: Asked["socket"]): string {
  if (remotePort === undefined) return remoteAddress;
  return remoteAddress.includes(":") ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`;
}

/** `1.2.3.4`, `1.2.3.4:5`, `::1`, `[::1]:5`; undefined for every other spelling. */
export function readHop(text: string): string | undefined {
  const [, bracketed] = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(text) ?? [];
  if (bracketed !== undefined)
    return isIP(bracketed) === 6 && !bracketed.includes("%") ? bracketed : undefined;
  const [, v4 = text] = /^(\d+\.\d+\.\d+\.\d+):\d{1,5}$/.exec(text) ?? [];
  return isIP(v4) === 0 || v4.includes("%") ? undefined : v4;
}

/** The last hop that is no gateway of ours: those before it can be invented by the user. Empty when it is no address. */
function lastForeign(list: string, settings: Settings): string {
  const hops = list.split(",").map((hop) => readHop(hop.trim())?.toLowerCase());
  const foreign = hops.findLastIndex((hop) => hop === undefined || !settings.trusted.has(hop));
  return hops[Math.max(foreign, 0)] ?? "";
}

let [last, lower] = ["", ""];

/** The same again for the same header, which the option names. */
function lowerCase(name: string): string {
  if (name !== last) [last, lower] = [name, name.toLowerCase()];
  return lower;
}

/**
 * The user's address in the words of a gateway that is believed; undefined when it tells none, empty when what
 * it tells is no address.
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
  const name = mode === "compat" ? lowerCase(real_client_ip_header) : "x-forwarded-for";
  if (name === "x-forwarded-for") {
    const list = head["x-forwarded-for"];
    return list === undefined ? undefined : lastForeign(list, settings);
  }
  const value = name === "x-real-ip" ? head["x-real-ip"] : firstHeader(raw, name);
  if (value === undefined) return undefined;
  return readHop((value.split(",", 1)[0] ?? "").trim())?.toLowerCase() ?? "";
}
