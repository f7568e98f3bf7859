/**
 * Every option, by oauth2-proxy's configuration key. The variable is `OAUTH2_PROXY_` and the key in upper case; the flag
 * is the key with dashes unless `flag` says otherwise (oauth2-proxy's list flags are singular).
 */
import { ACCESS } from "./groups/access.ts";
import { COOKIES } from "./groups/cookies.ts";
import { HEADERS } from "./groups/headers.ts";
import { LISTENERS } from "./groups/listeners.ts";
import { LOGGING } from "./groups/logging.ts";
import { LOGIN } from "./groups/login.ts";
import { PROCESS } from "./groups/process.ts";
import { OIDC, PROVIDER } from "./groups/provider.ts";
import { PROVIDERS } from "./groups/providers.ts";
import { SESSIONS } from "./groups/sessions.ts";
import { SIGNATURE, UPSTREAMS } from "./groups/upstreams.ts";
import type { OptionSpec } from "./spec.ts";

export type { OptionKind, OptionSpec } from "./spec.ts";

/** Options whose place an alpha configuration takes; beside one they are unknown. */
const STRUCTURED = { ...LISTENERS, ...PROVIDER, ...OIDC, ...PROVIDERS, ...HEADERS, ...UPSTREAMS } as const;

/** Every option. */
export const OPTIONS = {
  ...PROCESS,
  ...LISTENERS,
  ...COOKIES,
  ...SESSIONS,
  ...PROVIDER,
  ...OIDC,
  ...ACCESS,
  ...LOGIN,
  ...HEADERS,
  ...UPSTREAMS,
  ...SIGNATURE,
  ...LOGGING,
  ...PROVIDERS,
} as const;

/** An option's key, such as `http_address`. */
export type OptionKey = keyof typeof OPTIONS;

/** Every key. */
export const KEYS = Object.keys(OPTIONS) as OptionKey[];

/** Every option, without what is special to each. */
export const SPECS: Readonly<Record<OptionKey, OptionSpec>> = OPTIONS;

/** True for an option that an alpha configuration says in its own way. */
export const isStructured = (key: OptionKey): boolean => Object.hasOwn(STRUCTURED, key);
