/** What has to do with providers, made from the settings. */
import type { Log } from "../log/log.ts";
import { Backchannel } from "../login/backchannel.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { ProviderSettings } from "../options/structure.ts";
import { type BearerSource, ExtraIssuer } from "../provider/extra-issuer.ts";
import { Providers } from "../provider/providers.ts";
import type { RulesSource } from "../rules/file.ts";
import { GuardedStore } from "../session/guarded-store.ts";
import type { RecordKeeper } from "../session/keeper.ts";
import { Revocations } from "../session/revocations.ts";
import type { SessionStore } from "../session/store.ts";
import type { Settings } from "../settings.ts";
import { BearerTokens } from "../token/bearer.ts";

/** Those who are told what happens. */
export interface Tellers {
  readonly log: Log;
  readonly metrics: Metrics;
}

/** `-` alone: no other host than the issuer's own. */
function endpointHosts(hosts: readonly string[]): readonly string[] | undefined {
  return hosts.length === 0 ? undefined : hosts.filter((host) => host !== "-");
}

/** The providers of the configuration. */
export function createProviders(
  { structure, options }: Settings,
  { log, metrics }: Tellers,
  source: RulesSource | undefined,
  now: () => number,
): Providers {
  return new Providers({
    providers: structure.providers,
    listener: {
      found: (provider, issuer) => log.info("provider found", { provider, issuer }),
      failed: (provider, issuer, reason) =>
        log.warn("provider not found, trying again", { provider, issuer, reason }),
      warn: (provider, reason) => log.warn("provider", { provider, reason }),
      asked: (provider, seconds, answered) => metrics.providerAsked(provider, seconds, answered),
    },
    revokes: options.revoke_tokens,
    hosts: endpointHosts(options.provider_endpoint_hosts),
    skipVerify: options.ssl_insecure_skip_verify,
    extraClaims: () => source?.rules.claims ?? [],
    now,
  });
}

/** Bearer tokens of the providers, and of issuers that nobody signs in with. */
export function createBearerTokens(
  { structure, extraIssuers, mode, options }: Settings,
  providers: Providers,
  sessions: SessionStore,
  now: () => number,
): BearerTokens {
  const [first] = structure.providers;
  const { extraAudiences = [], audienceClaims = ["aud"], enabledSigningAlgs = [] } = first?.oidc ?? {};
  const extra = extraIssuers.map(
    ({ issuer, audience }) =>
      new ExtraIssuer({
        issuer,
        audiences: [audience, ...extraAudiences],
        audienceClaims,
        enabledAlgorithms: enabledSigningAlgs,
        caFiles: first?.caFiles ?? [],
        useSystemTrustStore: first?.useSystemTrustStore ?? false,
        skipVerify: options.ssl_insecure_skip_verify,
        now,
      }),
  );
  return new BearerTokens({
    sources: [...providers.list, ...extra],
    close: () => {
      for (const issuer of extra) issuer.close();
    },
    opaque: introspecting(structure.providers, providers, options.introspection_url),
    subjectAsEmail: mode === "compat",
    entry: (session) => sessions.entry(session),
    now,
  });
}

/** Providers that are asked about opaque tokens. @param url Where the first one is asked, unless it says so itself. */
function introspecting(
  settings: readonly ProviderSettings[],
  { list }: Providers,
  url: string,
): readonly BearerSource[] {
  return list.flatMap((provider, index) => {
    const place = settings[index]?.introspectionUrl || (index === 0 ? url : "");
    if (place === "") return [];
    return [{ id: provider.id, bearer: (token: string) => provider.introspect(token, place) }];
  });
}

/** Makes the memory of sessions that providers ended. */
export function revocationsFor(
  { options, sessionLife: life }: Settings,
  providers: Providers,
  now: () => number,
): (keeper: RecordKeeper | undefined, before: Revocations | undefined) => Revocations {
  const { cookie_name: name } = options;
  return (keeper, before) =>
    new Revocations({ keeper, before, name, life, issuer: providers.first.issuer, now });
}

/** Ends sessions when providers say so; undefined when they cannot. */
export function createBackchannel(
  providers: Providers,
  sessions: SessionStore,
  forget: () => void,
  now: () => number,
): Backchannel | undefined {
  if (!(sessions instanceof GuardedStore)) return undefined;
  return new Backchannel({ providers, revocations: sessions.revocations, forget, now });
}
