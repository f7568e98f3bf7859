import { createHmac } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import Provider, { type Client, type Configuration, type KoaContextWithOIDC } from "oidc-provider";
import type { HydraConfig } from "../config.ts";
import { errorPage, logoutPage } from "../pages/pages.ts";
import type { Accounts } from "../store/accounts.ts";
import { artifactAdapter } from "../store/artifacts.ts";
import type { Clients } from "../store/clients.ts";
import { signingKeys } from "../store/keys.ts";
import { verifySecret } from "../store/password.ts";

/** Where the sign-in pages are; below `/oauth2`, so that the gateway's route for Hydra covers them. */
export const SIGN_IN_PATH = "/oauth2/sign-in";

const HOUR = 3600;

const routes = {
  authorization: "/oauth2/auth",
  token: "/oauth2/token",
  userinfo: "/userinfo",
  jwks: "/.well-known/jwks.json",
  revocation: "/oauth2/revoke",
  introspection: "/oauth2/introspect",
  end_session: "/oauth2/sessions/logout",
} as const;

const claims = {
  openid: ["sub"],
  email: ["email", "email_verified"],
  profile: ["name", "preferred_username", "groups"],
  groups: ["groups"],
} as const;

/** Everything the provider needs from its surroundings. */
export interface ProviderParts {
  readonly config: HydraConfig;
  readonly database: DatabaseSync;
  readonly clients: Clients;
  readonly accounts: Accounts;
}

function findAccount(accounts: Accounts): NonNullable<Configuration["findAccount"]> {
  return (_ctx, id) => {
    const account = accounts.find(id);
    return (
      account && {
        accountId: id,
        claims: () => ({
          sub: id,
          email: account.email,
          email_verified: true,
          name: account.name ?? account.email,
          preferred_username: account.email,
          groups: [...account.groups],
        }),
      }
    );
  };
}

/** Grants what is asked: the platform's clients are registered by their operator, not by the person. */
async function grantEverything(ctx: KoaContextWithOIDC) {
  const { client, session, params, provider } = ctx.oidc;
  if (!client || !session?.accountId) return undefined;
  const known = session.grantIdFor(client.clientId);
  const found = known ? await provider.Grant.find(known) : undefined;
  const grant = found ?? new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope(String(params?.["scope"] ?? "openid"));
  await grant.save();
  return grant;
}

function logoutSource(ctx: KoaContextWithOIDC, form: string): void {
  ctx.type = "html";
  ctx.body = logoutPage(form);
}

/** Keys for signing cookies, derived so that the system secret itself never leaves. */
function cookieKeys({ secrets }: HydraConfig): string[] {
  const source = secrets.cookie.length > 0 ? secrets.cookie : secrets.system;
  return source.map((secret) => createHmac("sha256", secret).update("cookie signing").digest("base64url"));
}

/** The OpenID provider behind the public listener. */
export async function createProvider({
  config,
  database,
  clients,
  accounts,
}: ProviderParts): Promise<Provider> {
  const secure = new URL(config.urls.self.issuer).protocol === "https:";
  const cookie = { signed: true, httpOnly: true, sameSite: "lax", secure } as const;
  const provider = new Provider(config.urls.self.issuer, {
    adapter: artifactAdapter(database, clients),
    routes: { ...routes },
    jwks: { keys: (await signingKeys(database)) as never },
    cookies: {
      keys: cookieKeys(config),
      long: { ...cookie },
      short: { ...cookie },
      names: { session: "hydra_session", interaction: "hydra_interaction", resume: "hydra_resume" },
    },
    claims: Object.fromEntries(Object.entries(claims).map(([scope, names]) => [scope, [...names]])),
    scopes: ["openid", "offline_access", "offline", "email", "profile", "groups", "phone"],
    conformIdTokenClaims: false,
    findAccount: findAccount(accounts),
    loadExistingGrant: grantEverything,
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed("refresh_token"),
    expiresWithSession: async () => false,
    pkce: { required: () => false },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true },
      revocation: { enabled: true },
      rpInitiatedLogout: { enabled: true, logoutSource },
    },
    interactions: { url: (_ctx, interaction) => `${SIGN_IN_PATH}/${interaction.uid}` },
    renderError: (ctx, out) => {
      ctx.type = "html";
      ctx.body = errorPage(out.error, out.error_description);
    },
    ttl: {
      AccessToken: HOUR,
      AuthorizationCode: 10 * 60,
      ClientCredentials: HOUR,
      Grant: 30 * 24 * HOUR,
      IdToken: HOUR,
      Interaction: HOUR,
      RefreshToken: 30 * 24 * HOUR,
      Session: 30 * 24 * HOUR,
    },
  });
  provider.proxy = true;
  compareHashedSecrets(provider);
  return provider;
}

/** Client secrets are stored hashed, so comparing one means deriving it anew. */
function compareHashedSecrets(provider: Provider): void {
  const prototype = provider.Client.prototype as Client & {
    compareClientSecret(actual: string): Promise<boolean>;
    clientSecret?: string;
  };
  prototype.compareClientSecret = function compare(this: { clientSecret?: string }, actual: string) {
    return this.clientSecret ? verifySecret(actual, this.clientSecret) : Promise.resolve(false);
  };
}
