/** Who somebody is, as headers: for answers to gateways and browsers, and for requests to upstreams. */
import type { HeaderSettings } from "../options/structure.ts";
import type { Identified } from "./claims.ts";
import { gapAuth, HeaderSet } from "./header-set.ts";
import type { Secrets } from "./secrets.ts";

/** What says where a request begins, ends and goes is no configuration's to set; oauth2-proxy ignores it too. */
const FRAMING =
  /^(?:host|content-length|transfer-encoding|connection|keep-alive|te|trailer|upgrade|expect|proxy-connection)$/i;

/** The headers of one configuration. */
export class Identity {
  readonly request: HeaderSet;
  readonly response: HeaderSet;
  readonly #secrets: Secrets;
  /** Request headers by session; made again when a secret changed. */
  readonly #made = new WeakMap<Identified, { readonly version: number; readonly flat: readonly string[] }>();
  /** Headers of answers that were made again because a secret changed. */
  readonly #renewed = new WeakMap<
    Identified,
    { readonly version: number; readonly flat: readonly string[] }
  >();
  #anonymous: { readonly version: number; readonly flat: readonly string[] } | undefined;

  /** @throws {RangeError} When a secret cannot be read. */
  constructor(
    settings: {
      readonly requestHeaders: readonly HeaderSettings[];
      readonly responseHeaders: readonly HeaderSettings[];
    },
    secrets: Secrets,
  ) {
    this.#secrets = secrets;
    this.request = new HeaderSet(
      settings.requestHeaders.filter(({ name }) => !FRAMING.test(name)),
      secrets,
    );
    this.response = new HeaderSet(settings.responseHeaders, secrets);
  }

  /**
   * Headers of an answer: name, value, name, value. All are there on each allow, empty where there is nothing to say, so
   * that a value of the client's own never reaches the application.
   */
  responseHeaders(session: Identified | undefined): readonly string[] {
    const flat = ["Gap-Auth", gapAuth(session)];
    this.response.build(session, flat, true);
    return flat;
  }

  /**
   * The same, where they were made before.
   *
   * @param made What `responseHeaders` made of the session, at some time.
   */
  currentHeaders(session: Identified, made: readonly string[]): readonly string[] {
    const { version } = this.#secrets;
    if (version === 0) return made;
    const known = this.#renewed.get(session);
    if (known?.version === version) return known.flat;
    const flat = this.responseHeaders(session);
    this.#renewed.set(session, { version, flat });
    return flat;
  }

  /** Headers of a request to an upstream: those that have a value, because the client's own are removed on the way. */
  requestHeaders(session: Identified | undefined): readonly string[] {
    const { version } = this.#secrets;
    const known = session === undefined ? this.#anonymous : this.#made.get(session);
    if (known !== undefined && known.version === version) return known.flat;
    const flat: string[] = [];
    this.request.build(session, flat, false);
    if (session === undefined) this.#anonymous = { version, flat };
    else this.#made.set(session, { version, flat });
    return flat;
  }
}
