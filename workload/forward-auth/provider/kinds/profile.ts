/**
 * Providers whose profile address tells who somebody is: DigitalOcean, Facebook, LinkedIn, Nextcloud, SourceHut.
 *
 * @see docs.digitalocean.com (`/v2/account`); developers.facebook.com (`/me`); learn.microsoft.com/linkedin (`/v2/emailAddress`);
 * docs.nextcloud.com (`/ocs/v2.php/cloud/user`); man.sr.ht/meta.sr.ht (GraphQL)
 */
import { NOBODY } from "../identity.ts";
import { listMember, member, textMember, textsMember } from "../json.ts";
import type { Answer, ApiRequest, Kind } from "../kind.ts";
import { type Identity, ProviderError } from "../provider.ts";

/** What such a provider is. */
interface ProfileParts {
  readonly displayName: string;
  readonly scope: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly profile: string;
  readonly validate: string;
  /** Added to the profile's address. */
  readonly query?: string;
  readonly request?: ApiRequest;
  readonly read: (json: unknown) => Partial<Identity>;
}

async function ask(answer: Answer, { profile, query = "", request }: ProfileParts): Promise<unknown> {
  const url = answer.settings.profileUrl || profile || answer.settings.validateUrl;
  if (url === "") throw new ProviderError("unusable", "no-profile-url");
  const { status, json } = await answer.ask(url + query, request);
  if (status !== 200) throw new ProviderError("unusable", `profile-status-${status}`);
  return json;
}

function profileKind(parts: ProfileParts): Kind {
  const { displayName, scope, authorizationEndpoint, tokenEndpoint, validate, profile } = parts;
  return {
    displayName,
    openId: false,
    fixed: true,
    scope: () => scope,
    endpoints: () => ({ authorizationEndpoint, tokenEndpoint }),
    validateUrl: (settings) => validate || settings.profileUrl || profile,
    authentication: "client_secret_post",
    refreshes: false,
    async identify(answer) {
      const identity = { ...NOBODY, ...parts.read(await ask(answer, parts)) };
      if (identity.email === "") throw new ProviderError("person", "no-email");
      return identity;
    },
  };
}

/** DigitalOcean. */
export const digitalocean = profileKind({
  displayName: "DigitalOcean",
  scope: "read",
  authorizationEndpoint: "https://cloud.digitalocean.com/v1/oauth/authorize",
  tokenEndpoint: "https://cloud.digitalocean.com/v1/oauth/token",
  profile: "https://api.digitalocean.com/v2/account",
  validate: "",
  read: (json) => ({ email: textMember(member(json, "account"), "email") }),
});

/** Facebook. */
export const facebook = profileKind({
  displayName: "Facebook",
  scope: "public_profile email",
  authorizationEndpoint: "https://www.facebook.com/v2.5/dialog/oauth",
  tokenEndpoint: "https://graph.facebook.com/v2.5/oauth/access_token",
  profile: "https://graph.facebook.com/v2.5/me",
  validate: "",
  query: "?fields=name,email",
  read: (json) => ({ email: textMember(json, "email") }),
});

/** LinkedIn. */
export const linkedin = profileKind({
  displayName: "LinkedIn",
  scope: "r_emailaddress r_liteprofile",
  authorizationEndpoint: "https://www.linkedin.com/oauth/v2/authorization",
  tokenEndpoint: "https://www.linkedin.com/uas/oauth2/accessToken",
  profile: "https://api.linkedin.com/v2/emailAddress",
  validate: "https://api.linkedin.com/v2/me",
  query: "?q=members&projection=(elements*(handle~))",
  request: { headers: { "x-li-format": "json" } },
  read: (json) => ({ email: textMember(member(listMember(json, "elements")[0], "handle~"), "emailAddress") }),
});

/** Nextcloud; its addresses are always the operator's own. */
export const nextcloud = profileKind({
  displayName: "Nextcloud",
  scope: "",
  authorizationEndpoint: "",
  tokenEndpoint: "",
  profile: "",
  validate: "",
  read(json) {
    const data = member(member(json, "ocs"), "data");
    const groups = textsMember(data, "groups").filter((group) => group !== "");
    return { email: textMember(data, "email"), subject: textMember(data, "id"), groups };
  },
});

/** SourceHut. */
export const sourcehut = profileKind({
  displayName: "SourceHut",
  scope: "meta.sr.ht/PROFILE:RO",
  authorizationEndpoint: "https://meta.sr.ht/oauth2/authorize",
  tokenEndpoint: "https://meta.sr.ht/oauth2/access-token",
  profile: "https://meta.sr.ht/query",
  validate: "https://meta.sr.ht/profile",
  request: {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"query": "{ me { username, email } }"}',
  },
  read(json) {
    const me = member(member(json, "data"), "me");
    const username = textMember(me, "username");
    return { email: textMember(me, "email"), subject: username, preferredUsername: username };
  },
});
