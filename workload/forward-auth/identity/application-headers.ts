/** Headers that applications ask for in the rules, beside the configured ones. */
import type { HeaderSettings } from "../options/structure.ts";
import type { Identified } from "./claims.ts";
import { HeaderSet } from "./header-set.ts";
import type { Secrets } from "./secrets.ts";
import { foldedName } from "./text.ts";

/** An application, as far as its headers go. */
export interface WithHeaders {
  readonly headers: readonly HeaderSettings[];
}

/** Builds the headers of applications; what was built for a session is kept as long as both. */
export class ApplicationHeaders {
  readonly #secrets: Secrets;
  readonly #sets = new WeakMap<WithHeaders, HeaderSet>();
  readonly #built = new WeakMap<WithHeaders, WeakMap<Identified, readonly string[]>>();

  constructor(secrets: Secrets) {
    this.#secrets = secrets;
  }

  /**
   * Every header of the applications: name, value, name, value; with an empty value where there is nothing to say, so that a
   * value of the client's own never reaches an application.
   *
   * @param session Undefined for a request that is allowed without login.
   */
  of(applications: readonly WithHeaders[], session: Identified | undefined): readonly string[] {
    if (applications.every(({ headers }) => headers.length === 0)) return [];
    return applications.flatMap((application) => this.#headers(application, session));
  }

  #headers(application: WithHeaders, session: Identified | undefined): readonly string[] {
    const known = session === undefined ? undefined : this.#built.get(application)?.get(session);
    if (known !== undefined) return known;
    const set = this.#sets.get(application) ?? new HeaderSet(application.headers, this.#secrets);
    this.#sets.set(application, set);
    const flat: string[] = [];
    set.build(session, flat, true);
    if (session !== undefined) {
      const sessions = this.#built.get(application) ?? new WeakMap<Identified, readonly string[]>();
      this.#built.set(application, sessions.set(session, flat));
    }
    return flat;
  }
}

const merged = new WeakMap<readonly string[], WeakMap<readonly string[], readonly string[]>>();

/** Headers with others instead of, or beside, those of the same names; the same array again for the same two. */
export function withHeaders(headers: readonly string[], others: readonly string[]): readonly string[] {
  if (others.length === 0) return headers;
  const known = merged.get(headers)?.get(others);
  if (known !== undefined) return known;
  const names = new Set(others.filter((_, index) => index % 2 === 0).map(foldedName));
  const kept = headers.filter((_, index) => !names.has(foldedName(headers[index - (index % 2)] as string)));
  const all = [...kept, ...others];
  merged.set(headers, (merged.get(headers) ?? new WeakMap()).set(others, all));
  return all;
}
