import type { ApplicationRules, RulesFile } from "../config.ts";
import type { Subject, Verdict } from "../rules/access.ts";
import { readHost } from "../rules/host.ts";
import { readPath } from "../rules/path.ts";
import { type Application, buildRules, type Rules } from "../rules/rules.ts";
import { readRules } from "../rules/schema.ts";

/** Rules of a file that holds together. */
export function rulesOf(applications: RulesFile["applications"]): Rules {
  const reading = readRules(JSON.stringify({ version: 1, applications }));
  if (!reading.ok) throw new Error(JSON.stringify(reading.issues));
  return buildRules(reading).rules;
}

/** An application below a path, for everybody. */
export const app = (path: string, rest: Partial<ApplicationRules> = {}): ApplicationRules => ({
  routes: [{ hosts: ["gw.localhost:8443"], paths: [path] }],
  allow: { everyone: true },
  ...rest,
});

/** Applications that cover a request, or why none can be told. */
export function names(rules: Rules, target: string, host = "gw.localhost:8443"): readonly string[] | string {
  const path = readPath(target);
  const read = readHost(host);
  if (path === undefined || read === undefined) return "refused";
  const found = rules.coverage({ method: "GET", scheme: "https", host: read, path });
  return found === "ambiguous" ? found : found.map(({ application }) => application.name);
}

/** What the application asks of somebody for a request, as words. */
export function judged(
  application: Application | undefined,
  subject: Partial<Subject>,
  { method = "GET", path = "/one", now = 0 } = {},
): readonly string[] {
  const read = readPath(path);
  const host = readHost("gw.localhost:8443");
  if (read === undefined || host === undefined || application === undefined) return ["refused"];
  const target = { method, scheme: "https", host, path: read };
  const word = (verdict: Verdict) => (verdict.kind === "step-up" ? verdict.reason : verdict.kind);
  return application
    .requirements(target)
    .map((requirement) => word(requirement.judge({ email: "", groups: [], ...subject }, now)));
}

/** True when the person may pass. */
export const allows = (application: Application | undefined, subject: Partial<Subject>): boolean =>
  judged(application, subject).every((word) => word === "allow");
