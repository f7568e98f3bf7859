/**
 * Microsoft Entra ID: tenants, and groups from Microsoft Graph when there are too many for a token.
 *
 * @see learn.microsoft.com: entra/identity-platform/access-token-claims-reference (groups overage), graph/api/user-list-transitivememberof, graph/paging
 */
import type { ProviderSettings } from "../../options/structure.ts";
import { type JsonObject, listMember, member, textMember } from "../json.ts";
import type { Answer, Kind } from "../kind.ts";
import { ProviderError } from "../provider.ts";
import { openIdScope, withEmail } from "./oidc.ts";

const GRAPH = "https://graph.microsoft.com";

/** Most pages of groups that are read. */
const MOST_PAGES = 100;

/**
 * Ids, or other fields, of the groups that somebody is in, over all pages. Graph stays on its own host.
 *
 * @throws {ProviderError} When Graph does not tell.
 */
export async function graphGroups(answer: Answer, first: string, field: string): Promise<readonly string[]> {
  const groups: string[] = [];
  const { origin } = new URL(first);
  let url = first;
  for (let pages = 0; url !== "" && pages < MOST_PAGES; pages++) {
    if (!URL.canParse(url) || new URL(url).origin !== origin)
      throw new ProviderError("unusable", "graph-other-host");
    const { status, json } = await answer.ask(url, { headers: { consistencylevel: "eventual" } });
    if (status !== 200) throw new ProviderError("unusable", `graph-status-${status}`);
    groups.push(...listMember(json, "value").map((group) => textMember(group, field)));
    url = textMember(json, "@odata.nextLink");
  }
  return groups.filter((group) => group !== "");
}

/** The tenant in an issuer's name; empty when it is no issuer of Entra. */
function tenantOf(issuer: string): string {
  return /^https:\/\/login\.microsoftonline\.com\/([a-zA-Z0-9-]+)\/v2\.0$/.exec(issuer)?.[1] ?? "";
}

function admits({ entraId, oidc }: ProviderSettings, claims: JsonObject): boolean {
  const { allowedTenants } = entraId;
  if (allowedTenants.length === 0 && !oidc.insecureSkipIssuerVerification) return true;
  const tenant = tenantOf(textMember(claims, "iss"));
  return tenant !== "" && (allowedTenants.length === 0 || allowedTenants.includes(tenant));
}

/** Entra ID, with Graph at its own or at another place. */
export function entraIdAt(graph: string): Kind {
  return {
    displayName: "Microsoft Entra ID",
    openId: true,
    scope: openIdScope,
    refreshes: true,
    admits,
    async identify(answer) {
      const identity = withEmail(await answer.read(), answer);
      const overage = member(member(answer.claims, "_claim_names"), "groups") !== undefined;
      if (!overage || answer.stage === "bearer") return identity;
      const first = `${graph}/v1.0/me/transitiveMemberOf?$select=id&$top=100`;
      const found = await graphGroups(answer, first, "id").catch((error: unknown) => {
        // Without groups a rule about groups refuses; the sign-in itself needs none.
        if (!(error instanceof ProviderError)) throw error;
        answer.warn(`groups not told by Graph: ${error.reason}`);
        return [];
      });
      return { ...identity, groups: [...new Set([...identity.groups, ...found])] };
    },
  };
}

/** Entra ID. */
export const entraId = entraIdAt(GRAPH);
