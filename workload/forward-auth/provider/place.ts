/** Where a provider is and what it can do: found by discovery, configured by hand, or known to everybody. */
import type { ProviderSettings } from "../options/structure.ts";
import { Discovery } from "./discovery.ts";
import type { Kind } from "./kind.ts";
import { emptyMetadata, type Metadata } from "./metadata.ts";
import { Outgoing } from "./outgoing.ts";
import { ProviderError, type ProviderListener, type ProviderState } from "./provider.ts";
import { agreedAlgorithms } from "./verifier.ts";

/** What is looked for. */
export interface PlaceOptions {
  readonly settings: ProviderSettings;
  readonly kind: Kind;
  readonly listener: ProviderListener;
  /** Endpoints must be on the issuer's host or on these; undefined: anywhere. */
  readonly hosts: readonly string[] | undefined;
  /** The provider's certificate is not verified. */
  readonly skipVerify: boolean;
}

/** The place of one provider. */
export class Place {
  readonly issuer: string;
  readonly outgoing: Outgoing;
  readonly #settings: ProviderSettings;
  readonly #kind: Kind;
  readonly #fixed: Metadata | undefined;
  readonly #discovery: Discovery | undefined;
  /** PKCE was possible once; that it is not any more is no reason to do without. */
  #sawChallenge = false;

  constructor(options: PlaceOptions) {
    const { settings, kind } = options;
    this.#settings = settings;
    this.#kind = kind;
    this.issuer = settings.oidc.issuerUrl || (kind.issuer?.(settings) ?? "");
    this.outgoing = createOutgoing(options, this.issuer);
    const discovered = kind.fixed !== true && !settings.oidc.skipDiscovery;
    this.#fixed = discovered ? undefined : fixedMetadata(settings, kind, this.issuer);
    this.#discovery = discovered && this.issuer !== "" ? this.#createDiscovery(options) : undefined;
  }

  /** What is known; undefined while the provider is not found. */
  get known(): Metadata | undefined {
    return this.#fixed ?? this.#discovery?.metadata;
  }

  /** @throws {ProviderError} `outage` while the provider is not found. */
  get metadata(): Metadata {
    const { known } = this;
    if (known === undefined) throw new ProviderError("outage", "not-found");
    return known;
  }

  get state(): ProviderState {
    if (this.#settings.clientId === "" || (this.#kind.openId && this.issuer === "")) return "unconfigured";
    const { known } = this;
    if (known === undefined) return "unreachable";
    return known.authorizationEndpoint === "" || known.tokenEndpoint === "" ? "unconfigured" : "ready";
  }

  get challengeMethod(): "" | "S256" | "plain" {
    const wanted = this.#settings.codeChallengeMethod;
    if (wanted !== "") return wanted === "S256" || wanted === "plain" ? wanted : "";
    if (this.#fixed !== undefined && this.#kind.pkce !== true) return "";
    const told = this.known?.challengeMethods;
    return told === undefined || told.includes("S256") ? "S256" : "";
  }

  start(): Promise<void> {
    return this.#discovery?.start() ?? Promise.resolve();
  }

  close(): void {
    this.#discovery?.close();
    this.outgoing.close();
  }

  #createDiscovery({ settings, listener, hosts }: PlaceOptions): Discovery {
    return new Discovery({
      rules: {
        issuer: this.issuer,
        skipIssuer: settings.oidc.insecureSkipIssuerVerification,
        allows: (url) => this.outgoing.allows(url),
        hosts,
        mutualTls: settings.clientAuthentication.method === "tls_client_auth",
      },
      outgoing: this.outgoing,
      refuses: (metadata) => this.#refuses(metadata),
      found: () => listener.found(settings.id, this.issuer),
      failed: (reason) => listener.failed(settings.id, this.issuer, reason),
    });
  }

  #refuses({
    algorithms,
    challengeMethods,
    authorizationEndpoint,
    tokenEndpoint,
  }: Metadata): string | undefined {
    if (authorizationEndpoint === "" || tokenEndpoint === "") return "no-endpoints";
    if (agreedAlgorithms(this.#settings.oidc.enabledSigningAlgs, algorithms).length === 0)
      return "no-common-algorithm";
    const possible = challengeMethods?.includes("S256") ?? true;
    if (this.#sawChallenge && !possible && this.#settings.codeChallengeMethod === "") return "pkce-lost";
    this.#sawChallenge ||= possible;
    return undefined;
  }
}

function createOutgoing({ settings, listener, skipVerify }: PlaceOptions, issuer: string): Outgoing {
  const { caFiles, useSystemTrustStore, clientAuthentication } = settings;
  const urls = [issuer, settings.loginUrl, settings.redeemUrl, settings.oidc.jwksUrl, settings.profileUrl];
  return new Outgoing({
    caFiles,
    useSystemTrustStore,
    skipVerify,
    certificateFile: clientAuthentication.certificateFile,
    keyFile: clientAuthentication.certificateFile === "" ? "" : clientAuthentication.keyFile,
    insecure: [...urls, settings.validateUrl, settings.backendLogoutUrl].some((url) =>
      url.startsWith("http:"),
    ),
    asked: (seconds, answered) => listener.asked?.(settings.id, seconds, answered),
  });
}

/** Metadata of a provider that is configured by hand, or whose addresses everybody knows. */
function fixedMetadata(settings: ProviderSettings, kind: Kind, issuer: string): Metadata {
  const known = { ...emptyMetadata(issuer), ...kind.endpoints?.(settings) };
  return {
    ...known,
    authorizationEndpoint: settings.loginUrl || known.authorizationEndpoint,
    tokenEndpoint: settings.redeemUrl || known.tokenEndpoint,
    userinfoEndpoint: settings.profileUrl || known.userinfoEndpoint,
    jwksUri: settings.oidc.jwksUrl || known.jwksUri,
  };
}
