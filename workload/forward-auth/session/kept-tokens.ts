import type { Tokens } from "../provider/provider.ts";
import type { Settings } from "../settings.ts";
import type { Session } from "./session.ts";

/** Which tokens a session keeps. */
interface Needs {
  readonly access: boolean;
  readonly id: boolean;
  readonly refresh: boolean;
}

const ALL: Needs = { access: true, id: true, refresh: true };
const known = new WeakMap<Settings, Needs>();

/** Tokens that some option uses: in a header, at sign-out, or for new ones. */
function needsOf(settings: Settings): Needs {
  const { options, structure } = settings;
  if (options.session_tokens === "all") return ALL;
  const claims = [...structure.requestHeaders, ...structure.responseHeaders].flatMap(({ values }) =>
    values.map((value) => ("claimSource" in value ? value.claimSource.claim : "")),
  );
  return {
    access: claims.includes("access_token") || options.validate_url !== "",
    id:
      claims.includes("id_token") ||
      options.provider_sign_out ||
      options.backend_logout_url.includes("{id_token}"),
    refresh: claims.includes("refresh_token") || options.cookie_refresh > 0 || options.revoke_tokens,
  };
}

/**
 * The session with new tokens, as far as it keeps them: all as oauth2-proxy does, or those that some option needs
 * (`session_tokens`). What the provider did not give again stays as it was.
 */
export function withTokens(settings: Settings, session: Session, tokens: Tokens): Session {
  const needs = known.get(settings) ?? needsOf(settings);
  known.set(settings, needs);
  const { accessToken, idToken, refreshToken, expiresOn: _, ...rest } = session;
  const access = tokens.accessToken || accessToken;
  const id = tokens.idToken || idToken;
  const refresh = tokens.refreshToken || refreshToken;
  return {
    ...rest,
    ...(tokens.expiresOn === undefined ? {} : { expiresOn: tokens.expiresOn }),
    ...(needs.access && access ? { accessToken: access } : {}),
    ...(needs.id && id ? { idToken: id } : {}),
    ...(needs.refresh && refresh ? { refreshToken: refresh } : {}),
  };
}
