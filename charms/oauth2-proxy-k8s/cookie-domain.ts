import type { RulesFile } from "../../workload/forward-auth/config.ts";

/** How far the session cookie must reach. */
export interface Reach {
  /** Domain of the cookie; absent when the sign-in host alone is enough. */
  readonly domain: string | undefined;
  /** Hosts that no such cookie reaches: nobody can sign in there. */
  readonly unreachable: readonly string[];
}

/** A domain that may carry a cookie: two labels at least, and no IP address. */
const canCarry = (domain: string): boolean =>
  /^[^.]+(\.[^.]+)+$/.test(domain) && !/^[\d.]+$|[:[]/.test(domain);

const isBelow = (host: string, domain: string): boolean => host === domain || host.endsWith(`.${domain}`);

/**
 * The domain for the session cookie, from the sign-in host and the hosts of the protected applications. A gateway
 * in subdomain mode gives each a name below its own, so the parent of the sign-in host is as far as it goes: anything
 * wider would hand the cookie to strangers.
 *
 * @param baseUrl Public base of the sign-in endpoints.
 */
export function reach(baseUrl: string, { applications }: RulesFile): Reach {
  const signIn = new URL(baseUrl).hostname;
  const hosts = Object.values(applications)
    .flatMap(({ routes }) => routes.flatMap((route) => route.hosts))
    .flatMap((host) => URL.parse(`http://${host}`)?.hostname ?? []);
  const others = [...new Set(hosts)].filter((host) => host !== signIn).sort();
  const candidates = [signIn, signIn.slice(signIn.indexOf(".") + 1)].filter(canCarry);
  const domain = candidates.findLast((candidate) => others.some((host) => isBelow(host, candidate)));
  // The narrower one, when it does as well.
  const narrow = candidates.find((candidate) => others.every((host) => isBelow(host, candidate)));
  const chosen = others.length === 0 ? undefined : (narrow ?? domain);
  return {
    domain: chosen,
    unreachable: others.filter((host) => chosen === undefined || !isBelow(host, chosen)),
  };
}
