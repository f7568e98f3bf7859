/**
 * Azure AD, deprecated in favour of `entra-id`: versions 1 and 2 of its endpoints.
 *
 * @see learn.microsoft.com: azure/active-directory/azuread-dev, graph/api/group-list-transitivememberof
 */
import type { ProviderSettings } from "../../options/structure.ts";
import { listMember, textMember } from "../json.ts";
import type { Answer, Kind } from "../kind.ts";
import type { Metadata } from "../metadata.ts";
import { type Identity, ProviderError } from "../provider.ts";
import { graphGroups } from "./entra-id.ts";

const PROFILE = "https://graph.microsoft.com/v1.0/me";

/** Version 2 has scopes where version 1 has resources. */
const isSecond = ({ authorizationEndpoint }: Metadata): boolean => authorizationEndpoint.includes("v2.0");
const profileOf = ({ profileUrl }: ProviderSettings): string => profileUrl || PROFILE;

/** The address in an answer of the profile, wherever it is. */
function profileEmail(json: unknown): string {
  const others = listMember(json, "otherMails").filter((mail) => typeof mail === "string");
  return textMember(json, "mail") || others[0] || textMember(json, "userPrincipalName");
}

/** ID tokens of version 1 may lack the address: then the access token has it, if it is one that we can verify. */
async function readClaims(answer: Answer): Promise<Identity> {
  const identity = await answer.read();
  if (identity.email !== "" || answer.stage === "bearer") return identity;
  const claims = await answer.accessClaims();
  if (claims === undefined) return identity;
  const other = await answer.read(claims);
  return {
    ...identity,
    email: other.email,
    groups: other.groups.length > 0 ? other.groups : identity.groups,
  };
}

async function askEmail(answer: Answer): Promise<string> {
  const { status, json } = await answer.ask(profileOf(answer.settings));
  const email = profileEmail(json);
  if (status !== 200 || email === "") throw new ProviderError("person", "no-email");
  return email;
}

function groupsUrl(settings: ProviderSettings, field: string): string {
  const select = ["displayName", "id"].includes(field) ? "displayName,id" : `displayName,id,${field}`;
  const query = `$count=true&$filter=securityEnabled+eq+true&$select=${select}`;
  return `${new URL(profileOf(settings)).origin}/v1.0/me/transitiveMemberOf?${query}`;
}

/** Azure AD. */
export const azure: Kind = {
  displayName: "Azure",
  openId: true,
  scope: () => "openid",
  validateUrl: profileOf,
  refreshes: true,
  authentication: "client_secret_post",
  endpoints: ({ azure: { tenant } }) => ({
    authorizationEndpoint: `https://login.microsoftonline.com/${tenant || "common"}/oauth2/authorize`,
    tokenEndpoint: `https://login.microsoftonline.com/${tenant || "common"}/oauth2/token`,
  }),
  login({ settings, metadata, added }) {
    const scope = added.find(([name]) => name === "scope");
    const graph = `https://${new URL(profileOf(settings)).host}/.default`;
    if (isSecond(metadata) && scope !== undefined) {
      scope[1] = scope[1].replaceAll(" groups", "");
      if (!scope[1].includes(` ${graph}`)) scope[1] += ` ${graph}`;
    } else if (settings.resource !== "") added.push(["resource", settings.resource]);
  },
  redeem: ({ resource }, metadata) => (resource === "" || isSecond(metadata) ? {} : { resource }),
  async identify(answer) {
    const identity = await readClaims(answer);
    if (answer.stage !== "login") return identity;
    const email = identity.email || (await askEmail(answer));
    if (!isSecond(answer.metadata)) return { ...identity, email };
    const field = answer.settings.azure.graphGroupField || "id";
    const found = await graphGroups(answer, groupsUrl(answer.settings, field), field);
    return { ...identity, email, groups: [...new Set([...identity.groups, ...found])] };
  },
};
