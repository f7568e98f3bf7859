/**
 * cidaas: groups with roles, and roles.
 *
 * @see docs.cidaas.com: userinfo (`groups[].groupId`, `groups[].roles`, `roles`)
 */
import { claim } from "../claims.ts";
import { isJsonObject, listMember, textMember, textsMember } from "../json.ts";
import type { Answer, Kind } from "../kind.ts";
import { ProviderError } from "../provider.ts";
import { withEmail } from "./oidc.ts";

/** `<group>:<role>` and `cidaas:<role>`; undefined when the groups are not of cidaas' shape. */
function groupsOf(json: unknown, name: string): readonly string[] | undefined {
  const list = isJsonObject(json) ? claim(json, name) : undefined;
  if (list !== undefined && !Array.isArray(list)) return undefined;
  const ofGroups = (list ?? []).flatMap((group: unknown) =>
    textsMember(group, "roles").map((role) => `${textMember(group, "groupId")}:${role}`),
  );
  const roles = listMember(json, "roles").filter((role) => typeof role === "string");
  return [...ofGroups, ...roles.map((role) => `cidaas:${role}`)];
}

async function enrich(answer: Answer): Promise<Awaited<ReturnType<Kind["identify"]>>> {
  const identity = await answer.read();
  const url = answer.metadata.userinfoEndpoint;
  if (answer.stage === "bearer" || url === "") return identity;
  const { status, json } = await answer.ask(url);
  const subject = textMember(json, "sub");
  if (subject !== "" && subject !== identity.subject)
    throw new ProviderError("other-user", "userinfo-subject");
  const groups = status === 200 ? groupsOf(json, answer.settings.oidc.groupsClaim) : undefined;
  if (groups === undefined) answer.warn(`groups not told: status ${status}`);
  const email = identity.email || textMember(json, answer.settings.oidc.emailClaim);
  return { ...identity, email, groups: groups ?? [] };
}

/** cidaas. */
export const cidaas: Kind = {
  displayName: "CIDAAS",
  openId: true,
  scope: () => "openid email profile roles groups",
  refreshes: true,
  identify: async (answer) => withEmail(await enrich(answer), answer),
};
