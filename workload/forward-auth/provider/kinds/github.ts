/**
 * GitHub, GitHub Enterprise Server and Gitea: organisations, teams, repositories, users.
 *
 * @see docs.github.com: apps/oauth-apps, rest/orgs/orgs, rest/teams/teams, rest/collaborators/collaborators
 */
import type { ProviderSettings } from "../../options/structure.ts";
import { NOBODY } from "../identity.ts";
import { member, textMember } from "../json.ts";
import type { Answer, ApiAnswer, Kind } from "../kind.ts";
import { ProviderError } from "../provider.ts";

/** Most pages that are read of a list. */
const MOST_PAGES = 50;

const API = "https://api.github.com/";

/** Base of the interface: the validation address, cut after `/api/v3` where it has that. */
function baseOf({ validateUrl }: ProviderSettings): string {
  const { origin, pathname } = new URL(validateUrl || API);
  const base = /^\/api\/v\d+/.exec(pathname)?.[0] ?? pathname.replace(/\/$/, "");
  return `${origin}${base}`;
}

function asker(answer: Answer): (path: string, token?: string) => Promise<ApiAnswer> {
  const base = baseOf(answer.settings);
  const headers = { accept: "application/vnd.github.v3+json" };
  return (path, token) =>
    answer.ask(`${base}${path}`, { headers, scheme: "token", ...(token === undefined ? {} : { token }) });
}

type Ask = ReturnType<typeof asker>;

async function list(ask: Ask, path: string): Promise<readonly unknown[]> {
  const all: unknown[] = [];
  for (let page = 1; page <= MOST_PAGES; page++) {
    const { status, json } = await ask(`${path}?page=${page}&per_page=100`);
    if (status !== 200 || !Array.isArray(json))
      throw new ProviderError("unusable", `github-status-${status}`);
    if (json.length === 0) break;
    all.push(...json);
  }
  return all;
}

/** Organisations by name, teams as `organisation:team`. Gitea has `name` where GitHub has `login` and `slug`. */
async function groupsOf(ask: Ask): Promise<readonly string[]> {
  const organisations = (await list(ask, "/user/orgs")).map(
    (item) => textMember(item, "login") || textMember(item, "name"),
  );
  const teams = (await list(ask, "/user/teams")).map((team) => {
    const organisation = member(team, "organization");
    const login = textMember(organisation, "login");
    if (login !== "") return `${login}:${textMember(team, "slug")}`;
    return `${textMember(organisation, "name")}:${textMember(team, "name")}`;
  });
  return [...organisations, ...teams].filter((group) => group !== "" && group !== ":");
}

const lower = (text: string) => text.trim().toLowerCase();

/** True when the groups satisfy the organisation and team that are asked for. */
function inOrganisation({ github }: ProviderSettings, groups: readonly string[]): boolean {
  const { org, team } = github;
  if (org === "" && team === "") return true;
  if (team === "") return groups.includes(org);
  const wanted = team.split(",").map((name) => lower(org === "" ? name : `${org}:${name.trim()}`));
  const whole = wanted.filter((name) => name.includes(":"));
  return groups.some((group) => group.includes(":") && whole.includes(lower(group)));
}

/** Anybody may pull from a public repository, so only who may push, or pull from a private one, has access. */
async function hasAccess(ask: Ask, repo: string): Promise<boolean> {
  const { status, json } = await ask(`/repos/${repo}`);
  if (status !== 200) return false;
  const permissions = member(json, "permissions");
  return (
    member(permissions, "push") === true ||
    (member(json, "private") === true && member(permissions, "pull") === true)
  );
}

/** A name in a path; one that is none is nobody's. */
const LOGIN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** Why somebody may not sign in; undefined when they may. */
async function refusal(
  answer: Answer,
  ask: Ask,
  login: string,
  groups: readonly string[],
): Promise<string | undefined> {
  const { org, repo, token, users } = answer.settings.github;
  if (users.includes(login)) return undefined;
  if (users.length > 0 && org === "" && repo === "") return "not-a-listed-user";
  if (!inOrganisation(answer.settings, groups)) return "not-in-organisation";
  if (org !== "" || repo === "") return undefined;
  if (token === "") return (await hasAccess(ask, repo)) ? undefined : "no-repository-access";
  const { status } = await ask(`/repos/${repo}/collaborators/${login}`, token);
  return status === 204 ? undefined : "not-a-collaborator";
}

async function emailOf(ask: Ask): Promise<string> {
  const { status, json } = await ask("/user/emails");
  if (status !== 200 || !Array.isArray(json)) throw new ProviderError("unusable", `github-status-${status}`);
  const found = json.find((item) => member(item, "primary") === true && member(item, "verified") === true);
  return textMember(found, "email");
}

/** GitHub. */
export const github: Kind = {
  displayName: "GitHub",
  openId: false,
  fixed: true,
  scope: () => "user:email read:org",
  endpoints: () => ({
    authorizationEndpoint: "https://github.com/login/oauth/authorize",
    tokenEndpoint: "https://github.com/login/oauth/access_token",
  }),
  validateUrl: () => API,
  validation: "token",
  authentication: "client_secret_post",
  refreshes: false,
  async identify(answer) {
    const ask = asker(answer);
    const email = await emailOf(ask);
    const groups = await groupsOf(ask);
    const { status, json } = await ask("/user");
    const login = textMember(json, "login");
    if (status !== 200 || !LOGIN.test(login)) throw new ProviderError("unusable", `github-status-${status}`);
    const reason = await refusal(answer, ask, login, groups);
    if (reason !== undefined) throw new ProviderError("person", reason);
    return { ...NOBODY, subject: login, email, groups };
  },
};
