/**
 * Bitbucket Cloud: one team, one repository.
 *
 * @see developer.atlassian.com: cloud/bitbucket/rest/api-group-users, api-group-repositories
 */
import { NOBODY } from "../identity.ts";
import { listMember, member, textMember } from "../json.ts";
import type { Answer, Kind } from "../kind.ts";
import { ProviderError } from "../provider.ts";

const EMAILS = "https://api.bitbucket.org/2.0/user/emails";

async function values(answer: Answer, url: string): Promise<readonly unknown[]> {
  const { status, json } = await answer.ask(url);
  if (status !== 200) throw new ProviderError("unusable", `bitbucket-status-${status}`);
  return listMember(json, "values");
}

async function refusal(answer: Answer, origin: string): Promise<string | undefined> {
  const { team, repository } = answer.settings.bitbucket;
  if (team !== "") {
    const teams = await values(answer, `${origin}/2.0/teams?role=member`);
    if (!teams.some((item) => textMember(item, "username") === team)) return "not-in-team";
  }
  if (repository === "") return undefined;
  const owner = encodeURIComponent(repository.split("/", 1)[0] ?? "");
  const query = new URLSearchParams({
    role: "contributor",
    q: `full_name="${repository.replaceAll('"', "")}"`,
  });
  const found = await values(answer, `${origin}/2.0/repositories/${owner}?${query}`);
  return found.some((item) => textMember(item, "full_name") === repository)
    ? undefined
    : "no-repository-access";
}

/** Bitbucket. */
export const bitbucket: Kind = {
  displayName: "Bitbucket",
  openId: false,
  fixed: true,
  scope: () => "email",
  endpoints: () => ({
    authorizationEndpoint: "https://bitbucket.org/site/oauth2/authorize",
    tokenEndpoint: "https://bitbucket.org/site/oauth2/access_token",
  }),
  validateUrl: () => EMAILS,
  authentication: "client_secret_post",
  refreshes: false,
  login({ settings, added }) {
    const scope = added.find(([name]) => name === "scope");
    if (scope === undefined) return;
    if (settings.bitbucket.team !== "" && !scope[1].includes("team")) scope[1] += " team";
    if (settings.bitbucket.repository !== "" && !scope[1].includes("repository")) scope[1] += " repository";
  },
  async identify(answer) {
    const url = answer.settings.validateUrl || EMAILS;
    const emails = await values(answer, url);
    const reason = await refusal(answer, new URL(url).origin);
    if (reason !== undefined) throw new ProviderError("person", reason);
    const email = textMember(
      emails.find((item) => member(item, "is_primary") === true),
      "email",
    );
    if (email === "") throw new ProviderError("person", "no-email");
    return { ...NOBODY, email };
  },
};
