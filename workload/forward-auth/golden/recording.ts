/** The shape of what oauth2-proxy was recorded to answer (`recorded/README.md`). @module */

export type Pairs = readonly (readonly [string, string])[];

/** How the program is started. */
export interface RecordedConfig {
  /** Variables without prefix, laid over the file's `base_env`; null removes one. */
  readonly env?: Readonly<Record<string, string | null>>;
  readonly args?: readonly string[];
  readonly rawEnv?: Readonly<Record<string, string>>;
  /** Files in `${DIR}`. */
  readonly files?: Readonly<Record<string, string>>;
}

/** One request, byte for byte. */
export interface RecordedRequest {
  readonly method?: string;
  readonly target: string;
  /** Null: no `Host`. */
  readonly host?: string | null;
  readonly headers?: Pairs;
  /** Names of recorded cookies. */
  readonly cookie?: string | readonly string[];
  /** Cookies set earlier in the case. */
  readonly jar?: boolean;
  readonly auth_basic?: string;
  readonly body?: string;
  readonly listener?: "second";
}

/** A form of a page. */
export interface PageForm {
  readonly method: string;
  readonly action: string;
  readonly inputs: readonly { readonly name: string; readonly type: string; readonly value?: string }[];
  readonly button?: string;
}

/** What is compared of a page. */
export interface Page {
  readonly html?: boolean;
  readonly title?: string;
  readonly forms?: readonly PageForm[];
  readonly image?: string;
  readonly texts?: readonly string[];
}

/** What an upstream saw. */
export interface UpstreamSaw {
  readonly method: string;
  readonly url: string;
  readonly headers: Pairs;
  readonly body?: string;
}

/** One cookie of an answer; `shape` or `value`. */
export interface RecordedCookie {
  readonly name: string;
  readonly attrs: string;
  readonly shape?: string;
  readonly value?: string;
}

/** One answer. */
export interface RecordedResponse {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly cookies?: readonly RecordedCookie[];
  readonly body?: string;
  readonly page?: Page;
  readonly upstream?: UpstreamSaw;
  readonly metrics?: { readonly lines: readonly string[]; readonly families: readonly string[] };
  /** No answer, and why. */
  readonly error?: string;
}

/** One step of a sequence. */
export interface RecordedStep {
  readonly request?: RecordedRequest;
  readonly response?: RecordedResponse;
  readonly authorize?: true;
  readonly provider?: ProviderPlan;
  /** Milliseconds. */
  readonly wait?: number;
  readonly setCookie?: string;
}

/** A token of the provider: claims laid over the defaults, and how it is signed. */
export interface TokenPlan {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly alg?: string;
  readonly kid?: string;
  readonly key?: string;
  readonly header?: Readonly<Record<string, unknown>>;
}

/** One answer of the token endpoint. */
export interface TokenAnswer {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly delay?: number;
  readonly close?: boolean;
  readonly hang?: boolean;
  readonly set?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** How the provider behaves. */
export interface ProviderPlan {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly sign?: TokenPlan;
  readonly userinfo?: Readonly<Record<string, unknown>>;
  readonly token?: TokenAnswer | readonly TokenAnswer[];
  readonly refresh?: TokenAnswer | readonly TokenAnswer[];
  readonly validate?: unknown;
  readonly logout?: number;
  /** The access token is a JSON Web Token with the same claims. */
  readonly jwtAccess?: boolean;
}

/** A call that reached the provider. */
export interface ProviderCall {
  readonly path: string;
  readonly method?: string;
  readonly grant_type?: string;
  readonly client_auth?: string;
  readonly params?: readonly string[];
  readonly redirect_uri?: string;
  readonly bearer?: boolean;
}

/** One case: one exchange or a sequence. */
export interface RecordedCase {
  readonly id: string;
  readonly config: RecordedConfig;
  readonly provider?: ProviderPlan;
  readonly request?: RecordedRequest;
  readonly response?: RecordedResponse;
  readonly steps?: readonly RecordedStep[];
  readonly provider_calls?: readonly ProviderCall[];
}

/** `http.json`. */
export interface HttpRecording {
  readonly base_env: Readonly<Record<string, string>>;
  readonly cookies: Readonly<Record<string, string>>;
  readonly tokens: Readonly<Record<string, TokenPlan & { readonly issuer?: string }>>;
  readonly cases: readonly RecordedCase[];
}

/** A session or a login that the real program made (`sessions.json`). */
export interface RecordedSession {
  readonly id: string;
  readonly config: RecordedConfig;
  readonly secret: string;
  /** Name of the session cookie, or of a login's. */
  readonly cookie_name: string;
  readonly cookies: readonly { readonly name: string; readonly value: string }[];
  readonly cookie_header?: string;
  readonly signed_at: number;
  readonly aes_key_hex?: string;
  readonly ticket?: string;
  readonly redis?: { readonly key: string; readonly value_base64: string };
  readonly record_hex?: string;
  readonly record: Readonly<Record<string, unknown>>;
  readonly answers?: { readonly auth: RecordedResponse; readonly userinfo: unknown };
  readonly login_parameters?: Readonly<Record<string, string | null>>;
}

/** `sessions.json`. */
export interface SessionRecording {
  readonly base_env: Readonly<Record<string, string>>;
  readonly cases: readonly RecordedSession[];
}

/** What a session became, as far as it was recorded. */
export interface RecordedState {
  /** `now`, or `now-7200s`. */
  readonly created?: string;
  readonly at?: string;
  readonly rt?: string;
  readonly id_token_changed?: boolean;
  readonly groups?: readonly string[];
  readonly email?: string;
}

/** One step of a refresh. */
export interface RefreshStep {
  readonly request?: {
    readonly method: string;
    readonly target: string;
    readonly cookie: "browser" | "none" | "the first session cookie";
    readonly concurrent?: number;
  };
  readonly response?: RecordedResponse;
  readonly responses?: readonly (RecordedResponse & { readonly count: number })[];
  readonly token_requests?: number;
  readonly provider_calls?: readonly ProviderCall[];
  readonly new_session?: RecordedState;
  /** After a request: what is in Redis. Alone: what somebody else does there. */
  readonly redis?:
    | string
    | { readonly session_key: string; readonly lock_key: string; readonly record?: RecordedState };
  readonly provider?: ProviderPlan;
}

/** A session that is refreshed, or not (`refresh.json`). */
export interface RefreshCase {
  readonly id: string;
  readonly store: "cookie" | "redis";
  readonly config: RecordedConfig;
  /** Fields of the record; times relative to now. */
  readonly given: { readonly session: Readonly<Record<string, unknown>> };
  readonly provider?: ProviderPlan;
  readonly steps: readonly RefreshStep[];
}

/** `refresh.json`. */
export interface RefreshRecording {
  readonly base_env: Readonly<Record<string, string>>;
  readonly cases: readonly RefreshCase[];
}

/** One redirect target, by four entrances. */
export interface RedirectCase {
  readonly id: string;
  readonly given: { readonly whitelist: string };
  readonly input: string;
  readonly start?: string;
  readonly callback?: string;
  readonly sign_out?: string;
  readonly header?: string;
}

/** `redirects.json`. */
export interface RedirectRecording {
  readonly base_env: Readonly<Record<string, string>>;
  readonly whitelists: Readonly<Record<string, string>>;
  readonly cases: readonly RedirectCase[];
}
