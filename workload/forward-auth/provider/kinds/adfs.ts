/**
 * Active Directory Federation Services.
 *
 * @see learn.microsoft.com: windows-server/identity/ad-fs/overview/ad-fs-openid-connect-oauth-concepts
 */
import type { ProviderSettings } from "../../options/structure.ts";
import { claimText } from "../claims.ts";
import type { Kind } from "../kind.ts";
import { ProviderError } from "../provider.ts";

/** With a protected resource its name goes before the scopes. */
function scopeOf({ scope, resource }: ProviderSettings): string {
  const wanted = scope || "openid email profile";
  const prefix = resource === "" || resource.endsWith("/") ? resource : `${resource}/`;
  return wanted.startsWith(prefix) ? wanted : prefix + wanted;
}

/** ADFS. */
export const adfs: Kind = {
  displayName: "ADFS",
  openId: true,
  scope: scopeOf,
  refreshes: true,
  login({ settings, added }) {
    const scope = added.findIndex(([name]) => name === "scope");
    if (settings.adfs.skipScope) added.splice(scope, 1);
    else added[scope] = ["scope", scopeOf(settings)];
    // It decodes the state once too often.
    const state = added.find(([name]) => name === "state");
    if (state !== undefined) state[1] = encodeURIComponent(state[1]);
  },
  async identify(answer) {
    const identity = await answer.read();
    const email = identity.email || claimText(answer.claims["upn"]);
    if (answer.stage === "login" && email === "") throw new ProviderError("person", "no-email");
    return { ...identity, email };
  },
};
