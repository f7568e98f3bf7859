import * as v from "valibot";
import type { RulesFile } from "../config.ts";
import { parseDuration } from "../options/duration.ts";
import { hostPattern } from "./host.ts";
import { readPath } from "./path.ts";

/** Largest rules file taken, in bytes. */
export const MOST_BYTES = 4 * 1024 * 1024;

const text = (most: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(most));

const host = v.pipe(
  text(300),
  v.check(
    (value) => hostPattern(value, { apex: false }) !== undefined,
    "should be a host such as app.example.com:8443",
  ),
);

const prefix = v.pipe(
  text(2048),
  v.check(
    (value) => !value.includes("?") && readPath(value)?.plain === true,
    "should be a path such as /app",
  ),
);

const route = v.strictObject({ hosts: v.array(host), paths: v.optional(v.array(prefix)) });

const lists = v.strictObject({
  everyone: v.optional(v.boolean()),
  emails: v.optional(v.array(text(320))),
  email_domains: v.optional(v.array(text(255))),
  groups: v.optional(v.array(text(1024))),
  claims: v.optional(v.record(text(255), v.pipe(v.array(text(1024)), v.minLength(1)))),
});

const allow = v.pipe(
  lists,
  v.check(
    (value) =>
      value.everyone !== true ||
      ([value.emails, value.email_domains, value.groups].every((list) => !list?.length) &&
        Object.keys(value.claims ?? {}).length === 0),
    '"everyone" should stand alone',
  ),
);

const acr = v.pipe(v.array(text(255)), v.minLength(1), v.maxLength(20));

const age = v.pipe(
  text(64),
  v.check(
    (value) => (parseDuration(value) ?? 0) >= 60_000,
    'should be a duration of a minute or more, such as "8h"',
  ),
);

const method = v.pipe(text(32), v.regex(/^[A-Z][A-Z-]*$/, "should be a method such as POST"));

const access = v.strictObject({
  paths: v.optional(v.pipe(v.array(prefix), v.minLength(1))),
  methods: v.optional(v.pipe(v.array(method), v.minLength(1))),
  allow: v.optional(allow),
  acr: v.optional(acr),
  max_session_age: v.optional(age),
});

/** Headers that belong to the connection, the message or the browser's session, or that answer for us. */
const RESERVED =
  /^(?:connection|content-.*|cookie|date|expect|host|keep-alive|location|proxy-.*|set-cookie|te|trailer|transfer-encoding|upgrade|vary|via|www-authenticate)$/i;

const headerName = v.pipe(
  text(128),
  v.regex(/^[A-Za-z0-9][A-Za-z0-9-]*$/, "should be a header name such as X-Remote-User"),
  v.check((value) => !RESERVED.test(value), "should be no header of the protocol"),
);

const headerValue = v.union([
  v.strictObject({ claim: text(255) }),
  v.strictObject({ value: v.pipe(v.string(), v.maxLength(1024), v.regex(/^[\x20-\x7e]*$/)) }),
]);

const application = v.strictObject({
  routes: v.array(route),
  allow,
  access: v.optional(v.pipe(v.array(access), v.maxLength(200))),
  acr: v.optional(acr),
  max_session_age: v.optional(age),
  provider: v.optional(text(255)),
  headers: v.optional(v.record(headerName, headerValue)),
  anonymous_paths: v.optional(v.pipe(v.array(text(1024)), v.maxLength(200))),
});

const file = v.strictObject({
  version: v.literal(1),
  applications: v.record(v.string(), v.unknown()),
});

/** One fault, with the place: `applications.whoami.allow`. */
export interface RulesIssue {
  readonly path: string;
  readonly message: string;
}

/** One application of a file: its rules, or such routes as could be read when something in it is faulty. */
export interface ApplicationReading {
  readonly name: string;
  readonly routes: RulesFile["applications"][string]["routes"];
  /** Undefined: faulty, nobody passes. */
  readonly rules: RulesFile["applications"][string] | undefined;
}

/** What a file says. A file of another shape or version is refused whole. */
export type RulesReading =
  | {
      readonly ok: true;
      readonly applications: readonly ApplicationReading[];
      readonly issues: readonly RulesIssue[];
    }
  | { readonly ok: false; readonly issues: readonly RulesIssue[] };

type Issues = readonly {
  readonly message: string;
  readonly path?: readonly { readonly key: unknown }[] | undefined;
}[];

function describe(issues: Issues, base: readonly string[]): RulesIssue[] {
  return issues.slice(0, 20).map((issue) => ({
    path: [...base, ...(issue.path ?? []).map((item) => String(item.key))].join(".").slice(0, 300),
    message: issue.message.slice(0, 300),
  }));
}

/** Parses JSON; the fault is the reading's. */
function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The routes that can be read in an application that has a fault, so that they stay closed. */
function readableRoutes(value: unknown): readonly v.InferOutput<typeof route>[] {
  const list =
    typeof value === "object" && value !== null ? (value as { readonly routes?: unknown }).routes : undefined;
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: unknown) => {
    const parsed = v.safeParse(route, item);
    return parsed.success ? [parsed.output] : [];
  });
}

/**
 * Reads a rules file. Never throws: what is faulty in one application closes that application, and no other. A route
 * that cannot be read covers nothing, and what nothing covers is denied.
 */
export function readRules(json: string): RulesReading {
  if (json.length > MOST_BYTES)
    return { ok: false, issues: [{ path: "", message: "the file is too large" }] };
  const whole = v.safeParse(file, parse(json));
  if (!whole.success) return { ok: false, issues: describe(whole.issues, []) };
  const issues: RulesIssue[] = [];
  const applications = Object.entries(whole.output.applications).map(([name, value]): ApplicationReading => {
    const parsed = v.safeParse(application, value);
    if (parsed.success) {
      return {
        name,
        routes: withPaths(parsed.output.routes),
        rules: parsed.output as ApplicationReading["rules"],
      };
    }
    issues.push(...describe(parsed.issues, ["applications", name]));
    return { name, routes: withPaths(readableRoutes(value)), rules: undefined };
  });
  return { ok: true, applications, issues };
}

/** Routes without the undefined that `exactOptionalPropertyTypes` refuses. */
function withPaths(
  list: readonly { readonly hosts: readonly string[]; readonly paths?: readonly string[] | undefined }[],
): ApplicationReading["routes"] {
  return list.map(({ hosts, paths }) => ({ hosts, paths: paths ?? ["/"] }));
}
