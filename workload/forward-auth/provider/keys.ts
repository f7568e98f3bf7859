/**
 * The keys that a provider signs with.
 *
 * @see RFC 7517; OpenID Connect Core, section 10.1.1 (rotation)
 */
import { createPublicKey, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { type CryptoKey, createLocalJWKSet, errors, type JWK, type JWSHeaderParameters } from "jose";
import { isJsonObject, listMember, readObject, textMember, withoutNumbers } from "./json.ts";
import type { Outgoing } from "./outgoing.ts";
import { ProviderError } from "./provider.ts";

/** Milliseconds between two requests for the same keys. */
const COOL_DOWN = 30_000;

/** Milliseconds between two requests while there are no keys at all. */
const FIRST_COOL_DOWN = 250;

/** Milliseconds after which keys are asked for again. */
const FRESH = 10 * 60_000;

/** Milliseconds for which the last good keys serve while the provider cannot be asked. */
const GOOD = 24 * 3_600_000;

/** Most keys that are kept of a set. */
const MOST = 100;

/** What a token says about its key. */
export interface KeyHint {
  readonly algorithm: string;
  readonly keyId: string | undefined;
}

/** Keys of one issuer. */
export interface Keys {
  /**
   * The keys that may have signed a token; none when it is none of the issuer's.
   *
   * @throws {ProviderError} `outage` when there are no keys because nobody could be asked.
   */
  find(hint: KeyHint): Promise<readonly (CryptoKey | KeyObject)[]>;
}

const PUBLIC_KINDS = new Set(["RSA", "EC", "OKP"]);

/** Keys of a JWK set that verify signatures: no symmetric ones, none for encryption. Undefined when the text is no set. */
export function readKeySet(text: string): readonly JWK[] | undefined {
  const set = readObject(text);
  if (set === undefined || !Array.isArray(set["keys"])) return undefined;
  return listMember(set, "keys")
    .filter((key) => {
      if (!isJsonObject(key) || !PUBLIC_KINDS.has(textMember(key, "kty"))) return false;
      if (key["use"] !== undefined && key["use"] !== "sig") return false;
      const operations = key["key_ops"];
      return operations === undefined || (Array.isArray(operations) && operations.includes("verify"));
    })
    .slice(0, MOST)
    .map((key) => withoutNumbers(key) as JWK);
}

type Lookup = ReturnType<typeof createLocalJWKSet>;

/** What remote keys need. */
export interface RemoteKeysOptions {
  /** Where the set is; a promise while that is not known. */
  readonly url: () => string | Promise<string>;
  readonly outgoing: Outgoing;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Keys that are fetched when needed, once for all who wait, and no more often than a flood of unknown tokens may cause. */
export class RemoteKeys implements Keys {
  readonly #options: RemoteKeysOptions;
  #lookup: Lookup | undefined;
  #fetchedAt = 0;
  #askedAt = Number.NEGATIVE_INFINITY;
  #running: Promise<void> | undefined;

  constructor(options: RemoteKeysOptions) {
    this.#options = options;
  }

  async find(hint: KeyHint): Promise<readonly CryptoKey[]> {
    if (this.#age() > FRESH) await this.#refresh();
    const found = await this.#match(hint);
    if (found !== "unknown") return found;
    return (await this.#refresh()) ? this.#known(await this.#match(hint)) : [];
  }

  #known(found: readonly CryptoKey[] | "unknown"): readonly CryptoKey[] {
    return found === "unknown" ? [] : found;
  }

  #age(): number {
    return this.#lookup === undefined ? Number.POSITIVE_INFINITY : this.#options.now() - this.#fetchedAt;
  }

  async #match({ algorithm, keyId }: KeyHint): Promise<readonly CryptoKey[] | "unknown"> {
    if (this.#lookup === undefined || this.#age() > GOOD) throw new ProviderError("outage", "no-keys");
    const header: JWSHeaderParameters = { alg: algorithm, ...(keyId === undefined ? {} : { kid: keyId }) };
    try {
      return [await this.#lookup(header)];
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey) return "unknown";
      // Several candidates and no way to tell, or a key that is none: nothing to believe.
      return [];
    }
  }

  /** True when keys were fetched now; false when it is too early to ask again. */
  async #refresh(): Promise<boolean> {
    if (this.#running === undefined) {
      const wait = this.#lookup === undefined ? FIRST_COOL_DOWN : COOL_DOWN;
      if (this.#options.now() - this.#askedAt < wait) return false;
      this.#askedAt = this.#options.now();
      this.#running = this.#fetch().finally(() => {
        this.#running = undefined;
      });
    }
    try {
      await this.#running;
      return true;
    } catch (error) {
      if (error instanceof ProviderError && this.#lookup !== undefined) return false;
      throw error;
    }
  }

  async #fetch(): Promise<void> {
    const { url, outgoing, now } = this.#options;
    const answer = await outgoing.ask(await url());
    const keys = answer.status === 200 ? readKeySet(answer.text) : undefined;
    if (keys === undefined) throw new ProviderError("outage", `keys-status-${answer.status}`);
    this.#lookup = createLocalJWKSet({ keys: [...keys] });
    this.#fetchedAt = now();
  }
}

/** Which kind of key an algorithm needs. */
function kindOf(algorithm: string): string {
  if (/^(?:RS|PS)/.test(algorithm)) return "rsa";
  return algorithm.startsWith("ES") ? "ec" : "ed25519";
}

/** Keys from PEM files (SPKI), read once. */
export class FileKeys implements Keys {
  readonly #keys: readonly KeyObject[];

  /** @throws {Error} When a file cannot be read or is no public key. */
  constructor(files: readonly string[]) {
    this.#keys = files.map((file) => createPublicKey(readFileSync(file)));
  }

  async find({ algorithm }: KeyHint): Promise<readonly KeyObject[]> {
    return this.#keys.filter((key) => key.asymmetricKeyType === kindOf(algorithm));
  }
}
