import type { SecretUri } from "./secret-uri.ts";

/** What `secret-add` and `secret-set` may say about a secret; absent means not said. */
export interface SecretValues {
  readonly label?: string;
  readonly description?: string;
  readonly rotate?: string;
  /** RFC 3339, UTC. */
  readonly expire?: string;
  /** Key → base64 text. */
  readonly data?: ReadonlyMap<string, string>;
}

export interface SecretCreate {
  readonly uri: SecretUri;
  readonly ownerTag: string;
  readonly values: SecretValues;
}

export interface SecretUpdate {
  readonly uri: SecretUri;
  readonly values: SecretValues;
}

export interface SecretGrant {
  readonly uri: SecretUri;
  readonly relationKey: string;
  readonly scopeTag: string;
  readonly subjectTag: string;
}

export interface SecretRevoke {
  readonly uri: SecretUri;
  readonly subjectTag: string;
}

export interface SecretAccess {
  readonly "target-tag": string;
  readonly "scope-tag": string;
  readonly role: string;
}

/** What an owner may know about a secret. Empty text means none. */
export interface SecretMetadata {
  readonly owner: "application" | "unit";
  readonly label: string;
  readonly description: string;
  readonly rotate: string;
  readonly revision: number;
  readonly checksum: string;
  readonly expires: string;
  readonly nextRotate: string;
  readonly access: readonly SecretAccess[];
}

/** Content as a commit carries it; empty when only metadata changes. */
export interface SecretContentEntry {
  readonly data?: Readonly<Record<string, string>>;
  readonly checksum?: string;
}

/** A new or changed secret in a commit. */
export interface SecretUpsertEntry {
  readonly "rotate-policy"?: string;
  readonly "expire-time"?: string;
  readonly description?: string;
  readonly label?: string;
  readonly content: SecretContentEntry;
  readonly uri: string;
}

export interface SecretCreateEntry extends SecretUpsertEntry {
  readonly "owner-tag": string;
}

export interface SecretDeleteEntry {
  readonly uri: string;
  readonly label: "";
  /** Absent: the whole secret. */
  readonly revisions?: readonly number[];
}

export interface SecretGrantEntry {
  readonly uri: string;
  readonly "scope-tag": string;
  readonly "subject-tags": readonly string[];
  /** `view`, or empty in a revoke. */
  readonly role: string;
}
