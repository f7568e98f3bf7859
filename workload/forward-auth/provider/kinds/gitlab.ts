/**
 * GitLab: groups, and projects with a level of access.
 *
 * @see docs.gitlab.com: integration/openid_connect_provider, api/projects, api/members
 */
import type { ProviderSettings } from "../../options/structure.ts";
import { member, NumberText, textMember, textsMember } from "../json.ts";
import type { Answer, Kind } from "../kind.ts";
import { ProviderError } from "../provider.ts";

const PREFIX = "project:";
const LEVELS = [10, 20, 30, 40];
const DEFAULT_LEVEL = 20;

/** A project, and the level of access that is asked for. */
export interface GitlabProject {
  readonly name: string;
  readonly level: number;
}

/**
 * Reads `group/project` or `group/project=30`.
 *
 * @throws {RangeError} When the level is none of GitLab's.
 */
function gitlabProject(text: string): GitlabProject {
  const at = text.indexOf("=");
  if (at === -1) return { name: text, level: DEFAULT_LEVEL };
  const level = Number(text.slice(at + 1));
  if (!LEVELS.includes(level))
    throw new RangeError(
      `Cannot read GitLab project "${text}": the level must be one of ${LEVELS.join(", ")}`,
    );
  return { name: text.slice(0, at), level };
}

const projectsOf = ({ gitlab }: ProviderSettings): readonly GitlabProject[] =>
  gitlab.projects.map(gitlabProject);

function levelOf(permission: unknown): number | undefined {
  const level = member(permission, "access_level");
  return level instanceof NumberText ? Number(level.text) : undefined;
}

/** True when the user has the level; a level in the project counts before one in the group. Archived projects give none. */
async function hasProject(answer: Answer, origin: string, { name, level }: GitlabProject): Promise<boolean> {
  const { status, json } = await answer.ask(`${origin}/api/v4/projects/${encodeURIComponent(name)}`);
  if (status !== 200) {
    answer.warn(`project "${name}" not told: status ${status}`);
    return false;
  }
  const permissions = member(json, "permissions");
  const has = levelOf(member(permissions, "project_access")) ?? levelOf(member(permissions, "group_access"));
  return member(json, "archived") !== true && has !== undefined && has >= level;
}

async function projectGroups(answer: Answer, origin: string): Promise<readonly string[]> {
  const groups: string[] = [];
  for (const project of projectsOf(answer.settings))
    if (await hasProject(answer, origin, project)) groups.push(PREFIX + project.name);
  return groups;
}

/** GitLab. */
export const gitlab: Kind = {
  displayName: "GitLab",
  openId: true,
  scope: () => "openid email",
  refreshes: true,
  ownSubject: true,
  groups: (settings) => [...settings.gitlab.group, ...projectsOf(settings).map(({ name }) => PREFIX + name)],
  login({ settings, added }) {
    const scope = added.find(([name]) => name === "scope");
    if (
      scope !== undefined &&
      settings.gitlab.projects.length > 0 &&
      !scope[1].split(" ").includes("read_api")
    )
      scope[1] += " read_api";
  },
  async identify(answer) {
    const identity = await answer.read();
    if (answer.stage === "bearer") return identity;
    const { origin } = new URL(answer.metadata.authorizationEndpoint);
    const { status, json } = await answer.ask(`${origin}/oauth/userinfo`);
    if (status !== 200) throw new ProviderError("unusable", `userinfo-status-${status}`);
    const subject = textMember(json, "sub");
    if (subject !== "" && subject !== textMember(answer.claims, "sub"))
      throw new ProviderError("other-user", "userinfo-subject");
    const verified = member(json, "email_verified") === true;
    if (!verified && !answer.settings.oidc.insecureAllowUnverifiedEmail)
      throw new ProviderError("person", "email-not-verified");
    const told = textsMember(json, "groups");
    const groups = [...(told.length > 0 ? told : identity.groups), ...(await projectGroups(answer, origin))];
    const email = textMember(json, "email") || identity.email;
    return {
      ...identity,
      subject: textMember(json, "nickname") || identity.subject,
      email,
      groups: [...new Set(groups)],
    };
  },
};
