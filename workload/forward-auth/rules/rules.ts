/** The rules in force: which applications a request touches, and what each asks of a person. */
import type { RulesAccess, RulesHeader } from "../config.ts";
import { isSessionClaim } from "../identity/claims.ts";
import { foldedName } from "../identity/text.ts";
import { parseDuration } from "../options/duration.ts";
import type { HeaderSettings } from "../options/structure.ts";
import { NOBODY, type Requirement, requirement } from "./access.ts";
import { type RouteExpression, routeExpression } from "./expression.ts";
import { type HostPattern, type HostReading, hostPattern } from "./host.ts";
import type { PathReading } from "./path.ts";
import type { ApplicationReading, RulesIssue, RulesReading } from "./schema.ts";

/** One application, ready to decide. */
export interface Application {
  readonly name: string;
  readonly routes: readonly { readonly hosts: readonly HostPattern[]; readonly paths: readonly Prefix[] }[];
  /** Headers for this application beside the configured ones. */
  readonly headers: readonly HeaderSettings[];
  /** What is asked for a request: the first of `access` that covers it, else the application's own; several when readers of the path could disagree. */
  requirements(target: Target): readonly Requirement[];
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

/** An application that covers a request, and what it asks there. */
export interface Covered {
  readonly application: Application;
  readonly requirements: readonly Requirement[];
}

/** Applications that cover a request, or why that is not certain. */
export type Coverage = readonly Covered[] | "ambiguous";

/** A set of rules; immutable. */
export interface Rules {
  /** Values of `acr` that some application asks for. */
  readonly acrValues: ReadonlySet<string>;
  /** Claims that some application looks at or hands on. */
  readonly claims: readonly string[];
  /** Names of the headers that some application asks for, without regard to case, `_` and `.`. */
  readonly headerNames: ReadonlySet<string>;
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

/** One entry of `access`, ready to compare. */
interface Access {
  /** Undefined: every method. */
  readonly methods: ReadonlySet<string> | undefined;
  readonly paths: readonly Prefix[];
  readonly requirement: Requirement;
}

const maxAgeOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : parseDuration(text);

/** The application's own requirement, and those of its `access`, which take over what they do not say. */
function requirementsOf(
  rules: NonNullable<ApplicationReading["rules"]>,
  firstProvider: string,
): {
  readonly whole: Requirement;
  readonly access: readonly Access[];
} {
  const parts = {
    allow: rules.allow,
    acr: rules.acr ?? [],
    maxAge: maxAgeOf(rules.max_session_age),
    provider: rules.provider,
    firstProvider,
  };
  const narrow = (entry: RulesAccess): Requirement =>
    requirement({
      ...parts,
      ...(entry.allow === undefined ? {} : { allow: entry.allow }),
      ...(entry.acr === undefined ? {} : { acr: entry.acr }),
      ...(entry.max_session_age === undefined ? {} : { maxAge: maxAgeOf(entry.max_session_age) }),
    });
  const access = (rules.access ?? []).map((entry) => ({
    methods: entry.methods === undefined ? undefined : new Set(entry.methods),
    paths: (entry.paths ?? ["/"]).map(prefixOf),
    requirement: narrow(entry),
  }));
  return { whole: requirement(parts), access };
}

/**
 * What is asked for a request: each reader of the path finds the first entry that covers it, and what any of them finds must
 * be met. So a spelling that one program takes for another path opens nothing.
 */
function findRequirements(
  rules: ApplicationReading["rules"],
  firstProvider: string,
): (target: Target) => readonly Requirement[] {
  if (rules === undefined) return () => [NOBODY];
  const { whole, access } = requirementsOf(rules, firstProvider);
  if (access.length === 0) return () => [whole];
  return ({ method, path }) => {
    const found = views(path).map(
      (view) =>
        access.find(({ methods, paths }) => methods?.has(method) !== false && paths.some(view))
          ?.requirement ?? whole,
    );
    return [...new Set(found)];
  };
}

/** A header of an application as the configuration would name it. */
function headerSettings(name: string, value: RulesHeader): HeaderSettings {
  const source =
    "claim" in value
      ? { claimSource: { claim: value.claim, prefix: "", basicAuthPassword: undefined } }
      : { secretSource: { value: value.value } };
  return { name, preserveRequestValue: false, insecureSkipHeaderNormalization: false, values: [source] };
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

function application(
  reading: ApplicationReading,
  providers: readonly string[],
  issues: RulesIssue[],
): Application {
  const provider = reading.rules?.provider;
  if (provider !== undefined && !providers.includes(provider)) {
    const path = `applications.${reading.name}.provider`;
    issues.push({ path, message: `"${provider}" is not configured: nobody can sign in to the application` });
  }
  const open = expressions(reading, issues);
  const patterns = (hosts: readonly string[]) =>
    hosts.flatMap((host) => hostPattern(host, { apex: false }) ?? []);
  return {
    name: reading.name,
    routes: reading.routes.map(({ hosts, paths = ["/"] }) => ({
      hosts: patterns(hosts),
      paths: paths.map(prefixOf),
    })),
    headers: Object.entries(reading.rules?.headers ?? {}).map(([header, value]) =>
      headerSettings(header, value),
    ),
    requirements: findRequirements(reading.rules, providers[0] ?? ""),
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
  const found: Covered[] = [];
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
    if (sure) found.push({ application: candidate, requirements: candidate.requirements(target) });
    else if (possible) return "ambiguous";
  }
  return found;
}

/** Most answers remembered for one set of rules. */
const REMEMBERED = 4096;

/**
 * Builds rules from a reading; issues of expressions are added to the reading's own.
 *
 * @param providers Ids of the configured providers; the first is that of sessions that name none.
 */
export function buildRules(
  reading: Extract<RulesReading, { ok: true }>,
  providers: readonly string[] = [],
): {
  readonly rules: Rules;
  readonly issues: readonly RulesIssue[];
} {
  const issues = [...reading.issues];
  const applications = reading.applications.map((item) => application(item, providers, issues));
  const remembered = new Map<string, Coverage>();
  const whole = reading.applications.flatMap(({ rules: said }) => said ?? []);
  const rules: Rules = {
    applications,
    acrValues: new Set(
      whole.flatMap(({ acr = [], access = [] }) => [...acr, ...access.flatMap((entry) => entry.acr ?? [])]),
    ),
    claims: claimsOf(whole),
    headerNames: new Set(applications.flatMap(({ headers }) => headers.map(({ name }) => foldedName(name)))),
    coverage: (target) => {
      const key = `${target.method} ${target.scheme} ${target.host.name} ${target.host.port ?? ""} ${target.path.raw}`;
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

/** Claims that the provider's standard ones lack. */
function claimsOf(whole: readonly NonNullable<ApplicationReading["rules"]>[]): readonly string[] {
  const allowed = whole.flatMap(({ allow, access = [] }) => [
    allow,
    ...access.flatMap((entry) => entry.allow ?? []),
  ]);
  const asked = allowed.flatMap(({ claims = {} }) => Object.keys(claims));
  const handed = whole.flatMap(({ headers = {} }) =>
    Object.values(headers).flatMap((value) =>
      "claim" in value && !isSessionClaim(value.claim) ? [value.claim] : [],
    ),
  );
  return [...new Set([...asked, ...handed])];
}

/** Rules that deny everything. */
export const NO_RULES: Rules = {
  acrValues: new Set(),
  claims: [],
  headerNames: new Set(),
  applications: [],
  coverage: () => [],
  serves: () => false,
};
