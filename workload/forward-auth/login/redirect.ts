/**
 * Where a login may return to. A target is read once, compared with what a browser would make of it, and written anew;
 * what is doubtful is refused, and the user then lands on `/`.
 *
 * @see WHATWG URL; OWASP: unvalidated redirects and forwards
 */
import { defaultPort, type HostReading, readHost } from "../rules/host.ts";

/** Longest target taken, in characters. */
const MOST = 4096;

/** Which absolute targets are allowed. */
export interface RedirectPolicy {
  /** Origin of the sign-in endpoints, `https://gw.localhost:8443`: always allowed. */
  readonly origin: string;
  /** @param scheme `http` or `https`. */
  allows(host: HostReading, scheme: string): boolean;
}

/** Controls, blanks of any kind, and what is invisible or turns the writing direction. */
const INVISIBLE = /[\p{C}\p{Z}\u115f\u1160\u3164\uffa0]/u;

/** The path begins with an encoded separator, blank or control, which some programs decode first. */
const ENCODED_START = /^\/%(?:2f|5c|[01][0-9a-f]|20|7f)/i;

/** Path and query which nobody reads in two ways, and which every parser of URLs leaves as they are: most targets. */
const PLAIN = /^(?:\/[\w~-][\w.~-]*)*\/?(?:\?[\w.~=&-]+)?$/;

/** True for a target on the own host that needs no second look, whatever the policy. */
export const isPlainTarget = (target: string): boolean =>
  target.length <= MOST && target.startsWith("/") && PLAIN.test(target);

/** The part in front of query and fragment. */
function front(target: string): string {
  return target.split(/[?#]/, 1)[0] ?? "";
}

function relative(target: string, policy: RedirectPolicy): string | undefined {
  const path = front(target);
  const tail = path.slice(1);
  if (path.includes("//") || tail.split("/").some((part) => part === "." || part === "..")) return undefined;
  const url = ENCODED_START.test(path) ? null : URL.parse(target, policy.origin);
  if (url === null || url.origin !== policy.origin || url.pathname.startsWith("//")) return undefined;
  return url.pathname + url.search + url.hash;
}

function absolute(target: string, policy: RedirectPolicy): string | undefined {
  const [, scheme = "", authority = ""] = /^(https?):\/\/([^/?#]*)/.exec(target) ?? [];
  const host = readHost(authority);
  const url = host === undefined || authority !== authority.trim() ? null : URL.parse(target);
  if (host === undefined || url === null) return undefined;
  const port = url.port === "" ? defaultPort(scheme) : Number(url.port);
  const same = url.hostname === host.name && port === (host.port ?? defaultPort(scheme));
  if (!same || url.username !== "" || url.password !== "") return undefined;
  return url.origin === policy.origin || policy.allows(host, scheme) ? url.href : undefined;
}

/**
 * Reads a target that came from outside, percent-decoded once.
 *
 * @returns The target written anew, or undefined when it must not be followed.
 */
export function readRedirect(target: string, policy: RedirectPolicy): string | undefined {
  if (isPlainTarget(target)) return target;
  if (target === "" || target.length > MOST) return undefined;
  if (INVISIBLE.test(target) || front(target).includes("\\")) return undefined;
  if (target.startsWith("/")) return relative(target, policy);
  return /^https?:\/\//.test(target) ? absolute(target, policy) : undefined;
}
