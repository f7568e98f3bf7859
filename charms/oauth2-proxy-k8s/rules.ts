import type { ApplicationRules, RulesFile } from "../../workload/forward-auth/config.ts";

/** One application that asked for protection, and what it said so far. */
export interface Protected {
  /** Its own name, or what Juju calls it here while it has not told. */
  readonly name: string;
  /** Unique on this side; tells two applications of one name apart. */
  readonly relationId: number;
  /** What it asked for; absent while it has said nothing, or nothing usable. */
  readonly wishes?: Wishes;
}

/** The wishes of the `auth_proxy` relation that make rules. */
export interface Wishes {
  readonly protected_urls: readonly string[];
  readonly allowed_endpoints: readonly string[];
  readonly authenticated_emails: readonly string[];
  readonly authenticated_email_domains: readonly string[];
}

const trimmed = (texts: readonly string[]): string[] =>
  [...new Set(texts.map((text) => text.trim()).filter((text) => text !== ""))].sort();

interface Place {
  readonly host: string;
  readonly path: string;
}

function placeOf(url: string): Place | undefined {
  const parsed = URL.parse(url);
  if (!parsed || !/^https?:$/.test(parsed.protocol)) return undefined;
  return { host: parsed.host, path: parsed.pathname.replace(/\/+$/, "") || "/" };
}

/** Makes text stand for itself in a regular expression. */
const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");

/**
 * One open endpoint as a pattern of the rules file, anchored below the application's own path. An endpoint is a
 * path; `*` stands for any characters, and `METHOD=` may come first, as in oauth2-proxy's skip-auth routes. Regular
 * expressions are not taken: what would be one in oauth2-proxy is text here.
 *
 * @returns `undefined` for an endpoint that would open everything.
 */
export function anonymousPath(base: string, endpoint: string): string | undefined {
  const [, method = "", rest = ""] = /^([A-Z]+!?=)?(.*)$/s.exec(endpoint.trim()) ?? [];
  const path = rest.replace(/^\^/, "").replace(/\$$/, "").replace(/^\/+/, "");
  if (/^[/*.]*$/.test(path)) return undefined;
  const prefix = base === "/" ? "/" : `${base}/`;
  const pattern = path.split("*").map(literal).join(".*");
  return `${method}^${literal(prefix)}${pattern}$`;
}

function rulesOf(wishes: Wishes): ApplicationRules {
  const places = wishes.protected_urls.flatMap((url) => placeOf(url) ?? []);
  const emails = trimmed(wishes.authenticated_emails);
  const domains = trimmed(wishes.authenticated_email_domains);
  const open = places.flatMap(({ path }) =>
    wishes.allowed_endpoints.flatMap((endpoint) => anonymousPath(path, endpoint) ?? []),
  );
  return {
    routes: places.map(({ host, path }) => ({ hosts: [host], paths: [path] })),
    allow:
      emails.length + domains.length === 0
        ? { everyone: true }
        : {
            ...(emails.length > 0 ? { emails } : {}),
            ...(domains.length > 0 ? { email_domains: domains } : {}),
          },
    ...(open.length > 0 ? { anonymous_paths: trimmed(open) } : {}),
  };
}

/** Nothing is let through to an application that has not said who may pass. */
const nobody: ApplicationRules = { routes: [], allow: {} };

/**
 * The rules of all protected applications, each by itself: nothing one of them says opens another's paths.
 *
 * Two relations that give the same name keep apart under names of their own.
 */
export function rules(applications: readonly Protected[]): RulesFile {
  const entries = applications.map(({ name, relationId, wishes }) => {
    const twins = applications.filter((other) => other.name === name).length > 1;
    return [twins ? `${name}:${relationId}` : name, wishes ? rulesOf(wishes) : nobody] as const;
  });
  return { version: 1, applications: Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))) };
}

/** Open endpoints that are refused because they would open the whole application; for the status. */
export function refusedEndpoints(wishes: Wishes): string[] {
  return wishes.allowed_endpoints.filter((endpoint) => anonymousPath("/", endpoint) === undefined);
}
