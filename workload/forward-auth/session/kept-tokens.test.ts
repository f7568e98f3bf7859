import { expect, test } from "vitest";
import { readSettings } from "../settings.ts";
import { withTokens } from "./kept-tokens.ts";
import type { Session } from "./session.ts";

const settingsWith = (variables: Readonly<Record<string, string>>) =>
  readSettings(
    {
      OAUTH2_PROXY_CLIENT_ID: "c1",
      OAUTH2_PROXY_CLIENT_SECRET: "s1",
      OAUTH2_PROXY_PROVIDER: "oidc",
      OAUTH2_PROXY_OIDC_ISSUER_URL: "https://issuer.example",
      OAUTH2_PROXY_COOKIE_SECRET: "0123456789abcdef0123456789abcdef",
      OAUTH2_PROXY_EMAIL_DOMAINS: "*",
      ...Object.fromEntries(
        Object.entries(variables).map(([name, value]) => [`OAUTH2_PROXY_${name}`, value]),
      ),
    },
    [],
  );

const session: Session = {
  id: "AAAAAAAAAAAAAAAAAAAAAA",
  issuer: "",
  subject: "s",
  email: "",
  preferredUsername: "",
  groups: [],
  createdAt: 0,
  refreshedAt: 0,
};
const tokens = { accessToken: "a", idToken: "i", refreshToken: "r", expiresOn: 5 };

/** Names of the tokens that are kept. */
const kept = (variables: Readonly<Record<string, string>>) => {
  const { accessToken, idToken, refreshToken } = withTokens(settingsWith(variables), session, tokens);
  return [accessToken, idToken, refreshToken].join("");
};

test.each([
  ["as oauth2-proxy has it", {}, "air"],
  ["needed: none", { SESSION_TOKENS: "needed" }, ""],
  [
    "needed: access token in a header",
    { SESSION_TOKENS: "needed", SET_XAUTHREQUEST: "true", PASS_ACCESS_TOKEN: "true" },
    "a",
  ],
  ["needed: ID token in a header", { SESSION_TOKENS: "needed", SET_AUTHORIZATION_HEADER: "true" }, "i"],
  [
    "needed: ID token at the sign-out",
    { SESSION_TOKENS: "needed", BACKEND_LOGOUT_URL: "https://h/?t={id_token}" },
    "i",
  ],
  ["needed: refresh", { SESSION_TOKENS: "needed", COOKIE_REFRESH: "1h" }, "r"],
  ["needed: access token to ask about", { SESSION_TOKENS: "needed", VALIDATE_URL: "https://h/v" }, "a"],
])("%s", (_, variables, names) => {
  expect(kept(variables)).toBe(names);
});

test("what the provider does not give again stays; an end that it does not tell is none", () => {
  const settings = settingsWith({});
  const before = withTokens(settings, session, tokens);
  expect(before.expiresOn).toBe(5);
  const after = withTokens(settings, before, {
    accessToken: "a2",
    idToken: "",
    refreshToken: "",
    expiresOn: undefined,
  });
  expect(after).toEqual({ ...session, accessToken: "a2", idToken: "i", refreshToken: "r" });
});
