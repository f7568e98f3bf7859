/** OpenID Connect without anything special: `oidc`, and what others build on. */
import type { Answer, Kind } from "../kind.ts";
import { type Identity, ProviderError } from "../provider.ts";

/** At a sign-in there must be an address; afterwards it may be missing. */
export function withEmail(identity: Identity, { stage }: Answer): Identity {
  if (stage === "login" && identity.email === "") throw new ProviderError("person", "no-email");
  return identity;
}

/** Generic scopes; groups are asked for when they matter. */
export function openIdScope({ allowedGroups }: { readonly allowedGroups: readonly string[] }): string {
  return `openid email profile${allowedGroups.length > 0 ? " groups" : ""}`;
}

/** Any OpenID provider. */
export const oidc: Kind = {
  displayName: "OpenID Connect",
  openId: true,
  scope: openIdScope,
  refreshes: true,
  identify: async (answer) => withEmail(await answer.read(), answer),
};
