/** All providers of this program, in the order of the configuration. The first is the one that oauth2-proxy would use. */
import type { ProviderSettings } from "../options/structure.ts";
import { KINDS } from "./kinds.ts";
import { OAuthProvider } from "./oauth-provider.ts";
import type { Provider, ProviderListener } from "./provider.ts";

/** What providers share. */
export interface ProvidersOptions {
  readonly providers: readonly ProviderSettings[];
  readonly listener: ProviderListener;
  /** Revoke a session's tokens when it ends. */
  readonly revokes?: boolean;
  /** Claims that rules look at, beside the configured additional ones. */
  readonly extraClaims?: () => readonly string[];
  /** The providers' certificates are not verified. */
  readonly skipVerify?: boolean;
  /** Hosts of announced endpoints beside the issuer's own; undefined: any. */
  readonly hosts?: readonly string[] | undefined;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Entra's federated token is a token file whose place the platform tells. */
function prepared(
  settings: ProviderSettings,
  environment: Readonly<Record<string, string | undefined>>,
): ProviderSettings {
  if (settings.type !== "entra-id" || !settings.entraId.federatedTokenAuth) return settings;
  const tokenFile = environment["AZURE_FEDERATED_TOKEN_FILE"] ?? "";
  return {
    ...settings,
    clientAuthentication: { ...settings.clientAuthentication, method: "token_file", tokenFile },
  };
}

/** The providers. */
export class Providers {
  readonly list: readonly Provider[];
  readonly first: Provider;
  readonly #byId: ReadonlyMap<string, OAuthProvider>;

  /** @throws {RangeError} When there is none, or one of an unknown kind. */
  constructor({
    providers,
    listener,
    revokes = false,
    extraClaims = () => [],
    hosts,
    skipVerify = false,
    environment = process.env,
    now,
  }: ProvidersOptions) {
    const list = providers.map((given) => {
      const settings = prepared(given, environment);
      const kind = Object.hasOwn(KINDS, settings.type) ? KINDS[settings.type] : undefined;
      if (kind === undefined)
        throw new RangeError(`Cannot use provider "${settings.id}": unknown kind "${settings.type}"`);
      return new OAuthProvider({ settings, kind, listener, revokes, extraClaims, hosts, skipVerify, now });
    });
    const first = list[0];
    if (first === undefined) throw new RangeError("Cannot start: at least one provider has to be defined");
    this.list = list;
    this.first = first;
    this.#byId = new Map(list.map((provider) => [provider.id, provider]));
  }

  /** A provider by its id; undefined for an id that is not configured. */
  get(id: string): Provider | undefined {
    return this.#byId.get(id);
  }

  /** The provider of a session. Sessions that name none, as oauth2-proxy's, are the first one's; undefined when theirs is gone. */
  of({ provider }: { readonly provider?: string | undefined }): Provider | undefined {
    return provider === undefined || provider === "" ? this.first : this.#byId.get(provider);
  }

  /** The provider that a token or message says it is of; undefined when none has that issuer. */
  byIssuer(issuer: string): readonly Provider[] {
    return this.list.filter((provider) => provider.issuer !== "" && provider.issuer === issuer);
  }

  /** True when the session's provider is still there and the session has one of the groups that it asks for. */
  authorizes(session: {
    readonly provider?: string | undefined;
    readonly groups: readonly string[];
  }): boolean {
    return this.of(session)?.authorizes(session) ?? false;
  }

  /** Looks for each of them until it is found. Settles after the first attempts. */
  async start(): Promise<void> {
    await Promise.all(this.list.map((provider) => provider.start()));
  }

  close(): void {
    for (const provider of this.list) provider.close();
  }
}
