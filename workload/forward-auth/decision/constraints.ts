/**
 * What an enforcement point asks of a session beside the rules: `allowed_groups`, `allowed_emails` and
 * `allowed_email_domains`, in the query of its address or in what it sends of its own.
 *
 * @see oauth2-proxy: endpoints, Auth
 */
import { readQuery } from "../compat/query.ts";
import { hostPattern, readHost } from "../rules/host.ts";

/** Somebody who signed in, as far as constraints care. */
export interface Constrained {
  readonly email: string;
  readonly groups: readonly string[];
}

/** What is asked; all kinds that are named must hold. */
export interface Constraints {
  /** Name of an application whose routes must cover the request. */
  readonly application?: string;
  allow(session: Constrained): boolean;
}

/** The names, as they are written in queries. */
export const CONSTRAINT_NAMES = ["allowed_groups", "allowed_emails", "allowed_email_domains"] as const;

type Name = (typeof CONSTRAINT_NAMES)[number];

/** Lists, comma separated or repeated; empty elements do not count. */
export type ConstraintLists = Readonly<Partial<Record<Name, readonly string[]>>> & {
  readonly application?: string;
};

const elements = (lists: readonly string[] | undefined): readonly string[] =>
  (lists ?? []).flatMap((list) => list.split(",")).filter((element) => element !== "");

/** The domain of an address that has exactly one `@`. */
function domainOf(email: string): string | undefined {
  const [, domain, ...more] = email.split("@");
  return more.length === 0 ? domain : undefined;
}

function domainTest(domains: readonly string[]): (email: string) => boolean {
  const patterns = domains.flatMap((domain) => hostPattern(domain, { apex: true }) ?? []);
  return (email) => {
    const host = readHost(domainOf(email) ?? "");
    return host !== undefined && patterns.some((pattern) => pattern.matches(host, "https"));
  };
}

/** @returns Undefined when nothing is asked. */
export function constraints(lists: ConstraintLists): Constraints | undefined {
  const groups = elements(lists.allowed_groups);
  const emails = elements(lists.allowed_emails);
  const domains = elements(lists.allowed_email_domains);
  const { application = "" } = lists;
  if (groups.length + emails.length + domains.length === 0 && application === "") return undefined;
  const inDomain = domainTest(domains);
  return {
    ...(application === "" ? {} : { application }),
    allow: (session) =>
      (groups.length === 0 || session.groups.some((group) => groups.includes(group))) &&
      (emails.length === 0 || emails.includes(session.email)) &&
      (domains.length === 0 || inDomain(session.email)),
  };
}

/** Reads a query as oauth2-proxy does: repeated names are united, other names mean nothing. */
export function compatConstraints(query: string, semicolons = false): Constraints | undefined {
  if (!query.includes("allowed") && !query.includes("%")) return undefined;
  const parameters = readQuery(query, semicolons);
  const lists = CONSTRAINT_NAMES.map((name) => [name, parameters.getAll(name)] as const);
  return constraints(Object.fromEntries(lists));
}

/**
 * Reads the query of a decision request that an explicit mode understands: each constraint once, nothing else. An address
 * that lets the user's own query through is thereby found out, instead of taking constraints from the user.
 *
 * @returns `bad-decision-query` for anything else.
 */
export function strictConstraints(query: string): Constraints | undefined | "bad-decision-query" {
  if (query === "") return undefined;
  const lists: Partial<Record<Name, readonly string[]>> = {};
  for (const [name, value] of new URLSearchParams(query)) {
    const known = CONSTRAINT_NAMES.find((candidate) => candidate === name);
    if (known === undefined || lists[known] !== undefined || elements([value]).length === 0)
      return "bad-decision-query";
    lists[known] = [value];
  }
  return constraints(lists);
}
