/**
 * Keycloak by OpenID Connect: roles of the realm and of clients count as groups.
 *
 * @see keycloak.org: Server Administration Guide, "Roles" (`realm_access`, `resource_access`)
 */
import { isJsonObject, type JsonObject, member, textsMember } from "../json.ts";
import type { Kind } from "../kind.ts";
import { openIdScope, withEmail } from "./oidc.ts";

/** `role:<role>` and `role:<client>:<role>`. */
function rolesOf(claims: JsonObject): readonly string[] {
  const realm = textsMember(member(claims, "realm_access"), "roles");
  const clients = member(claims, "resource_access");
  const ofClients = isJsonObject(clients)
    ? Object.entries(clients).flatMap(([name, access]) =>
        textsMember(access, "roles").map((role) => `${name}:${role}`),
      )
    : [];
  return [...realm, ...ofClients].map((role) => `role:${role}`);
}

/** Keycloak. */
export const keycloakOidc: Kind = {
  displayName: "Keycloak OIDC",
  openId: true,
  scope: openIdScope,
  refreshes: true,
  groups: ({ keycloak }) => [...keycloak.groups, ...keycloak.roles.map((role) => `role:${role}`)],
  async identify(answer) {
    const identity = withEmail(await answer.read(), answer);
    const claims = answer.stage === "bearer" ? answer.claims : await answer.accessClaims();
    if (claims === undefined) answer.warn("roles not told: the access token is none that can be verified");
    return { ...identity, groups: [...identity.groups, ...(claims === undefined ? [] : rolesOf(claims))] };
  },
};
