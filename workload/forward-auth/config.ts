/**
 * The one place where the charm and the workload meet: the environment the workload reads and the rules
 * file it is given. The charm imports the types only.
 *
 * ```json
 * {
 *   "version": 1,
 *   "applications": {
 *     "whoami-k8s": {
 *       "routes": [{ "hosts": ["gw.localhost:8443"], "paths": ["/iam-whoami-k8s"] }],
 *       "allow": { "everyone": true },
 *       "anonymous_paths": ["GET=^/iam-whoami-k8s/health$"]
 *     },
 *     "grafana-k8s": {
 *       "routes": [{ "hosts": ["gw.localhost:8443"], "paths": ["/iam-grafana-k8s"] }],
 *       "allow": { "emails": ["ada@example.org"], "email_domains": ["example.com"], "groups": ["ops"] }
 *     }
 *   }
 * }
 * ```
 */
import type { OptionKey } from "./options/table.ts";

/** A variable's name, such as `OAUTH2_PROXY_HTTP_ADDRESS`. An empty value counts as unset. */
export type ForwardAuthVariable = `OAUTH2_PROXY_${Uppercase<OptionKey>}`;

/** Everything the workload reads from its environment. Values are text; lists are comma separated, without blanks. */
export type ForwardAuthEnvironment = {
  readonly [Name in ForwardAuthVariable]?: string | undefined;
} & {
  /** CA bundle to trust instead of the system's, watched for changes. */
  readonly SSL_CERT_FILE?: string | undefined;
  /** CA certificates to trust beside the others; read by Node.js. */
  readonly NODE_EXTRA_CA_CERTS?: string | undefined;
  readonly HTTP_PROXY?: string | undefined;
  readonly HTTPS_PROXY?: string | undefined;
  readonly NO_PROXY?: string | undefined;
};

/** Value of `OAUTH2_PROXY_DECISION_MODE`: where the original request is read from. */
export type DecisionMode = "compat" | "forwarded" | "nginx-ingress" | "envoy-http" | "envoy-grpc";

/**
 * The JSON behind `OAUTH2_PROXY_RULES_FILE`: who may pass, for each application.
 *
 * A request that no application's route covers is denied. A request that the routes of several
 * applications cover passes only if each of them lets it pass, so one application's rules never open another's
 * paths. `{"version": 1, "applications": {}}` denies everything.
 */
export interface RulesFile {
  readonly version: 1;
  /** By application name, as in Juju. */
  readonly applications: Readonly<Record<string, ApplicationRules>>;
}

/** The rules of one application. */
export interface ApplicationRules {
  /** Where users reach it, as they see it, before any prefix is stripped. Empty: not reachable. */
  readonly routes: readonly RulesRoute[];
  /** Who may pass once signed in. */
  readonly allow: RulesAllow;
  /**
   * Paths that need no login: regular expressions (RE2, unanchored, no look-around) on the decoded full path,
   * with an optional method: `^/app/health$`, `GET=^/app/public/`, `POST!=^/app/`. Never valid outside the routes.
   */
  readonly anonymous_paths?: readonly string[];
  /**
   * Other rules for some paths and methods: the first entry that covers a request counts instead of `allow`, `acr` and
   * `max_session_age`; what an entry does not say is as for the whole application. A path that two programs could take
   * for different ones must meet the rules of both.
   */
  readonly access?: readonly RulesAccess[];
  /** Authentication context classes of which the sign-in must have one; who has none is sent to sign in again. */
  readonly acr?: readonly string[];
  /** Longest time since the sign-in, as a duration (`8h`); afterwards people sign in again. */
  readonly max_session_age?: string;
  /** Id of the provider that people sign in with; sessions of another one count for nothing here. Unset: any provider. */
  readonly provider?: string;
  /** Headers for this application beside the configured ones, by name. They are there on each allow, empty where there is nothing to say. */
  readonly headers?: Readonly<Record<string, RulesHeader>>;
}

/** Rules for some paths and methods of an application. */
export interface RulesAccess {
  /** Prefixes on segment boundaries of the full path. Unset: every path. */
  readonly paths?: readonly string[];
  /** Upper case. Unset: every method. */
  readonly methods?: readonly string[];
  readonly allow?: RulesAllow;
  readonly acr?: readonly string[];
  readonly max_session_age?: string;
}

/** A header's value: a claim of the session (`email`, `user`, `groups`, `preferred_username`, or an additional claim), or text. */
export type RulesHeader = { readonly claim: string } | { readonly value: string };

/** Hosts and path prefixes; each host with each path. */
export interface RulesRoute {
  /**
   * `gw.localhost:8443`, `app.example.com` (the scheme's own port), `app.example.com:*` (any port),
   * `*.example.com` (each subdomain, not the domain itself). Lower case or not. Without scheme.
   */
  readonly hosts: readonly string[];
  /** Prefixes on segment boundaries: `/iam-app` covers `/iam-app` and `/iam-app/x`, not `/iam-apps`. Unset: `/`. */
  readonly paths?: readonly string[];
}

/**
 * Who may pass. Each kind that has entries must match: an address (in `emails` or by `email_domains`), one of
 * `groups`, and each of `claims`. Without entries nobody passes, unless `everyone` is true, which stands alone.
 */
export interface RulesAllow {
  /** Each signed-in user. */
  readonly everyone?: boolean;
  /** Whole addresses; case does not matter. */
  readonly emails?: readonly string[];
  /** `example.com` (exactly), `*.example.com` or `.example.com` (subdomains only); case does not matter. */
  readonly email_domains?: readonly string[];
  /** Whole names; case matters. */
  readonly groups?: readonly string[];
  /** Values of which a claim must have one, by the claim's name; it must be among the provider's additional claims. Each must match. */
  readonly claims?: Readonly<Record<string, readonly string[]>>;
}
