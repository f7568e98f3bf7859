/** What the controller answers about secrets; see `api.ts`. @module */

import type { InModel, Method, Nothing } from "./api-method.ts";

/** One revision. Times are milliseconds since the epoch. */
export interface SecretRevision {
  readonly revision: number;
  /** Key → base64 text; only when it was asked for. */
  readonly content?: Readonly<Record<string, string>>;
}

/** A secret as `juju secrets` lists it. */
export interface SecretReport {
  readonly id: string;
  /** Latest revision. */
  readonly revision: number;
  readonly checksum: string;
  /** `<model>` for those of the operator, else an application or a unit. */
  readonly owner: string;
  readonly description: string;
  /** Of the operator's secrets. */
  readonly name?: string;
  /** Of charms' secrets. */
  readonly label?: string;
  readonly rotation: string;
  readonly rotates?: number;
  readonly expires?: number;
  readonly created: number;
  readonly updated: number;
  readonly revisions: readonly SecretRevision[];
  readonly access: readonly { readonly target: string; readonly scope: string; readonly role: string }[];
}

/** What of a secret may be said or changed; content is key → base64 text. */
interface Said {
  readonly content?: Readonly<Record<string, string>>;
  readonly description?: string;
}

export interface SecretMethods {
  /** Answers the URI, `secret:<id>`. */
  addSecret: Method<InModel & Said & { readonly name: string }, { readonly uri: string }>;
  updateSecret: Method<
    InModel & Said & { readonly secret: string; readonly name?: string; readonly autoPrune?: boolean },
    Nothing
  >;
  removeSecret: Method<InModel & { readonly secret: string; readonly revision?: number }, Nothing>;
  grantSecret: Method<
    InModel & { readonly secret: string; readonly applications: readonly string[]; readonly revoke: boolean },
    Nothing
  >;
  /** Sorted by identifier; `reveal` adds the content of one revision, default the latest. */
  secrets: Method<
    InModel & {
      /** Name or URI; default all. */
      readonly secret?: string;
      readonly owner?: string;
      readonly reveal?: boolean;
      readonly revision?: number;
    },
    readonly SecretReport[]
  >;
}
