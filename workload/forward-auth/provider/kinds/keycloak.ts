/** Keycloak without OpenID Connect, as old set-ups have it: everything comes from the profile address. */
import { NOBODY } from "../identity.ts";
import { textMember, textsMember } from "../json.ts";
import type { Kind } from "../kind.ts";
import { ProviderError } from "../provider.ts";

const VALIDATE = "https://keycloak.org/api/v3/user";

/** Keycloak, old. */
export const keycloak: Kind = {
  displayName: "Keycloak",
  openId: false,
  fixed: true,
  scope: () => "api",
  endpoints: () => ({
    authorizationEndpoint: "https://keycloak.org/oauth/authorize",
    tokenEndpoint: "https://keycloak.org/oauth/token",
  }),
  validateUrl: () => VALIDATE,
  authentication: "client_secret_post",
  refreshes: false,
  groups: ({ keycloak: { groups } }) => groups,
  async identify(answer) {
    const { status, json } = await answer.ask(
      answer.settings.profileUrl || answer.settings.validateUrl || VALIDATE,
    );
    const email = textMember(json, "email");
    if (status !== 200 || email === "") throw new ProviderError("unusable", `profile-status-${status}`);
    const preferredUsername = textMember(json, "preferred_username");
    const groups = textsMember(json, "groups").filter((group) => group !== "");
    return {
      ...NOBODY,
      subject: textMember(json, "user") || preferredUsername,
      email,
      preferredUsername,
      groups,
    };
  },
};
