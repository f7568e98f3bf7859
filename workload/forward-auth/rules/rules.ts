/** The rules in force: which applications a request touches, and who may pass. */
import { type EmailRule, emailRule } from "./email.ts";
import { type RouteExpression, routeExpression } from "./expression.ts";
import { type HostPattern, type HostReading, hostPattern } from "./host.ts";
import type { PathReading } from "./path.ts";
import type { ApplicationReading, RulesIssue, RulesReading } from "./schema.ts";

/** Somebody who signed in, as far as rules care. */
export interface Subject {
  readonly email: string;
  readonly groups: readonly string[];
}

/** One application, ready to decide. */
export interface Application {
  readonly name: string;
  readonly routes: readonly { readonly hosts: readonly HostPattern[]; readonly paths: readonly Prefix[] }[];
  /** True when the person may pass. */
  allows(subject: Subject): boolean;
  /** True when the path is open without login. The caller has seen that the path is plain. */
  anonymous(method: string, path: string): boolean;
}

/** A path prefix, without a final slash. */
interface Prefix {
  readonly exact: string;
  readonly lower: string;
}

/** The original request, as far as rules care. */
export interface Target {
  readonly method: string;
  /** `http` or `https`. */
  readonly scheme: string;
  readonly host: HostReading;
  readonly path: PathReading;
}

/** Applications that cover a request, or why that is not certain. */
export type Coverage = readonly Application[] | "ambiguous";

/** A set of rules; immutable. */
export interface Rules {
  readonly applications: readonly Application[];
  /** The applications whose routes cover the target; `ambiguous` when readers of the path could disagree. */
  coverage(target: Target): Coverage;
  /** True when some application is served on the host, so that a login may return there. */
  serves(host: HostReading, scheme: string): boolean;
}

function prefixOf(path: string): Prefix {
  const exact = path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path === "/" ? "" : path;
  return { exact, lower: exact.toLowerCase() };
}

const under = (path: string, prefix: string): boolean =>
  path.startsWith(prefix) && (path.length === prefix.length || path.charCodeAt(prefix.length) === 47);

/** Who may pass by `allow`: every kind that has entries must match. */
function allowance(rules: ApplicationReading["rules"]): (subject: Subject) => boolean {
  if (rules === undefined) return () => false;
  const { everyone, emails = [], email_domains = [], groups = [] } = rules.allow;
  if (everyone === true) return () => true;
  const byEmail: EmailRule = emailRule(
    emails,
    email_domains.filter((domain) => domain.trim() !== "*"),
  );
  const wanted = new Set(groups);
  if (!byEmail.some && wanted.size === 0) return () => false;
  return (subject) =>
    (!byEmail.some || byEmail.matches(subject.email)) &&
    (wanted.size === 0 || subject.groups.some((group) => wanted.has(group)));
}

/** Open paths; a faulty expression is an issue and opens nothing. */
function expressions(reading: ApplicationReading, issues: RulesIssue[]): readonly RouteExpression[] {
  return (reading.rules?.anonymous_paths ?? []).flatMap((text, index) => {
    try {
      return [routeExpression(text)];
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      issues.push({ path: `applications.${reading.name}.anonymous_paths.${index}`, message: error.message });
      return [];
    }
  });
}

function application(reading: ApplicationReading, issues: RulesIssue[]): Application {
  const open = expressions(reading, issues);
  const patterns = (hosts: readonly string[]) =>
    hosts.flatMap((host) => hostPattern(host, { apex: false }) ?? []);
  return {
    name: reading.name,
    routes: reading.routes.map(({ hosts, paths = ["/"] }) => ({
      hosts: patterns(hosts),
      paths: paths.map(prefixOf),
    })),
    allows: allowance(reading.rules),
    anonymous: (method, path) => open.some((expression) => expression.matches(method, path)),
  };
}

/** One program's understanding of which prefix a path has. */
type View = (prefix: Prefix) => boolean;

/** How different programs may understand a path: as sent, decoded, and without regard to case. */
function views(path: PathReading): readonly [View, View, View] {
  const lower = path.lenient.toLowerCase();
  return [
    (prefix) => under(path.raw, prefix.exact),
    (prefix) => under(path.lenient, prefix.exact),
    (prefix) => under(lower, prefix.lower),
  ];
}

function coverage(applications: readonly Application[], target: Target): Coverage {
  const [raw, lenient, caseless] = views(target.path);
  const found: Application[] = [];
  for (const candidate of applications) {
    let sure = false;
    let possible = false;
    for (const route of candidate.routes) {
      if (!route.hosts.some((host) => host.matches(target.host, target.scheme))) continue;
      for (const prefix of route.paths) {
        sure ||= raw(prefix) && lenient(prefix);
        possible ||= raw(prefix) || lenient(prefix) || caseless(prefix);
      }
    }
    if (sure) found.push(candidate);
    else if (possible) return "ambiguous";
  }
  return found;
}

/** Most answers remembered for one set of rules. */
const REMEMBERED = 4096;

/** Builds rules from a reading; issues of expressions are added to the reading's own. */
export function buildRules(reading: Extract<RulesReading, { ok: true }>): {
  readonly rules: Rules;
  readonly issues: readonly RulesIssue[];
} {
  const issues = [...reading.issues];
  const applications = reading.applications.map((item) => application(item, issues));
  const remembered = new Map<string, Coverage>();
  const rules: Rules = {
    applications,
    coverage: (target) => {
      const key = `${target.scheme} ${target.host.name} ${target.host.port ?? ""} ${target.path.raw}`;
      const known = remembered.get(key);
      if (known !== undefined) return known;
      const answer = coverage(applications, target);
      if (remembered.size >= REMEMBERED) remembered.clear();
      if (key.length < 512) remembered.set(key, answer);
      return answer;
    },
    serves: (host, scheme) =>
      applications.some(({ routes }) =>
        routes.some(({ hosts }) => hosts.some((pattern) => pattern.matches(host, scheme))),
      ),
  };
  return { rules, issues };
}

/** Rules that deny everything. */
export const NO_RULES: Rules = { applications: [], coverage: () => [], serves: () => false };
