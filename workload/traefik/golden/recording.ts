/** The shape of the recorded truth: what the real Traefik was sent, and what it did. @module */

export type Pairs = readonly (readonly [string, string])[];

/** What an application or the decision point answers. */
export interface Program {
  readonly status?: number;
  readonly headers?: Pairs;
  readonly body?: string;
  readonly nolength?: boolean;
  readonly drop?: boolean;
  readonly raw?: string;
  readonly delay?: number;
  readonly early?: { readonly link: string };
  readonly refuseUpgrade?: boolean;
  readonly byPath?: Readonly<Record<string, Program>>;
}

/** Bytes of the application that is no HTTP server. */
export interface RawProgram {
  readonly parts: readonly { readonly wait?: number; readonly t?: string }[];
}

export interface TlsRequest {
  readonly sni?: string | null;
  readonly alpn?: readonly string[];
  readonly min?: string;
  readonly max?: string;
  readonly ciphers?: string;
  readonly curve?: string;
}

export interface Http2Request {
  readonly method?: string;
  readonly path: string;
  readonly authority: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
}

export interface RequestPlan {
  readonly entry?: string | number;
  readonly tls?: TlsRequest;
  readonly bytes?: string;
  readonly parts?: readonly { readonly wait?: number; readonly t?: string }[];
  readonly after?: readonly string[];
  readonly n?: number;
  readonly end?: boolean;
  readonly linger?: number;
  readonly timeout?: number;
  readonly times?: number;
  readonly h2?: Http2Request;
}

/** One answer, or what was heard by a server: plain values, compared field by field. */
export type Heard = Readonly<Record<string, unknown>>;

/** One exchange: what is sent and what has to come of it. */
export interface Step {
  readonly name?: string;
  readonly write?: Readonly<Record<string, string>>;
  readonly moveIn?: Readonly<Record<string, string>>;
  readonly remove?: readonly string[];
  readonly signal?: NodeJS.Signals;
  readonly request?: RequestPlan;
  readonly authzProgram?: Program;
  readonly appProgram?: Program;
  readonly rawProgram?: RawProgram;
  readonly decision?: readonly Heard[] | string;
  readonly application?: readonly Heard[] | string;
  readonly response?: Heard;
  readonly responses?: readonly Heard[];
  readonly none?: string;
  readonly tunnel?: string;
  readonly connection?: string;
  readonly bytes?: string;
  readonly failed?: string;
  readonly tlsError?: string;
  readonly h2error?: string;
  readonly tls?: Heard;
  readonly order?: readonly string[];
  readonly until?: string;
  readonly unstable?: string;
}

/** A case: one exchange, or several; or one start of the program. */
export interface Case extends Step {
  readonly id: string;
  readonly scene?: string;
  readonly steps?: readonly Step[];
  readonly static?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly started?: boolean;
  readonly exitCode?: number;
  readonly ping?: number | string;
  readonly portTaken?: number;
  readonly inFlight?: number;
}

export interface Scene {
  readonly static: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Recording {
  readonly program: string;
  readonly scenes: Readonly<Record<string, Scene>>;
  readonly cases: readonly Case[];
}
