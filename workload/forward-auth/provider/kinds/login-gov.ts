/**
 * login.gov, where the client shows who it is by a signed assertion.
 *
 * @see developers.login.gov/oidc: authorization, token, user info
 */
import { member, textMember } from "../json.ts";
import type { Kind } from "../kind.ts";
import { ProviderError } from "../provider.ts";

const ACR = "http://idmanagement.gov/ns/assurance/loa/1";
const PROFILE = "https://secure.login.gov/api/openid_connect/userinfo";

/** login.gov. */
export const loginGov: Kind = {
  displayName: "login.gov",
  openId: true,
  fixed: true,
  scope: () => "email openid",
  issuer: ({ loginUrl }) => (loginUrl === "" ? "https://secure.login.gov/" : `${new URL(loginUrl).origin}/`),
  endpoints: ({ loginGov: { pubJwkUrl } }) => ({
    authorizationEndpoint: "https://secure.login.gov/openid_connect/authorize",
    tokenEndpoint: "https://secure.login.gov/api/openid_connect/token",
    userinfoEndpoint: PROFILE,
    jwksUri: pubJwkUrl || "https://secure.login.gov/api/openid_connect/certs",
    algorithms: ["RS256"],
  }),
  validateUrl: ({ profileUrl }) => profileUrl || PROFILE,
  nonce: true,
  authentication: "private_key_jwt",
  refreshes: false,
  login({ added }) {
    if (!added.some(([name]) => name === "acr_values")) added.push(["acr_values", ACR]);
  },
  async identify(answer) {
    const { status, json } = await answer.ask(answer.metadata.userinfoEndpoint);
    if (status !== 200) throw new ProviderError("unusable", `userinfo-status-${status}`);
    const email = textMember(json, "email");
    if (email === "") throw new ProviderError("person", "no-email");
    if (member(json, "email_verified") !== true) throw new ProviderError("person", "email-not-verified");
    const subject = textMember(answer.claims, "sub");
    const told = textMember(json, "sub");
    if (told !== "" && told !== subject) throw new ProviderError("other-user", "userinfo-subject");
    const acr = textMember(answer.claims, "acr");
    const issuer = textMember(answer.claims, "iss");
    return {
      issuer,
      subject,
      email,
      preferredUsername: "",
      groups: [],
      acr,
      sid: "",
      additionalClaims: new Map(),
    };
  },
};
