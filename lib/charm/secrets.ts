import type { Sensitive } from "../hook/sensitive.ts";

/** Content of a secret as read: values do not print, `reveal()` gives them. */
export type SecretContent = Readonly<Record<string, Sensitive<string>>>;

/** Content to write: keys of three characters and more, lower case; values not empty. */
export type SecretInput = Readonly<Record<string, string | Sensitive<string>>>;

/** How often Juju asks for a new revision. */
export type Rotation = "never" | "hourly" | "daily" | "weekly" | "monthly" | "quarterly" | "yearly";

/** How an owned secret is kept. */
export interface SecretOptions {
  /** `app`: one for all units, written by the leader. Default `app`. */
  readonly owner?: "app" | "unit";
  readonly description?: string;
  readonly rotate?: Rotation;
  /** When its revision expires: Juju then asks for a new one (`secret-expired`). */
  readonly expire?: Date;
}

/** A secret of this application or unit. */
export interface OwnedSecret {
  /**
   * What to publish: `secret:…` or `secret://…`; compare by the part after the last slash or colon. Empty on
   * a follower, who may read an application's secret and not publish it.
   */
  readonly id: string;
  readonly label: string;
  readonly content: SecretContent;
}

/** What Juju keeps about an owned secret. */
export interface SecretInfo {
  readonly label: string;
  readonly owner: "app" | "unit";
  /** Latest revision, without what this hook has not sent yet. */
  readonly revision: number;
  readonly description: string | undefined;
  readonly rotation: Rotation;
  /** When Juju asks for a new revision. */
  readonly rotates: Date | undefined;
  readonly expires: Date | undefined;
  /** Who may read it: `application-web`, by relation. */
  readonly access: readonly { readonly target: string; readonly scope: string }[];
}

/** What a secret may be granted to: a relation of this charm. */
export interface GrantTarget {
  readonly id: number;
}

/** Whom of the other side a grant is for; default the application. */
export interface GrantOptions {
  /** `web/0`. */
  readonly unit?: string;
}

/** Whether two ids mean one secret: Juju spells it with and without scheme and model. */
export function isSameSecret(a: string, b: string): boolean {
  return bareId(a) === bareId(b) && bareId(a) !== "";
}

/** The id without scheme and model. */
function bareId(id: string): string {
  return id.slice(Math.max(id.lastIndexOf("/"), id.lastIndexOf(":")) + 1);
}

/**
 * Juju secrets. Reads ask once per hook; writes are sent with everything else after `reconcile`, except
 * that a new secret gets its id at once.
 */
export interface Secrets {
  /**
   * Makes the secret with this label if there is none; its content then stays until somebody sets another.
   *
   * @returns `undefined` on a follower while the leader has not made it.
   */
  ensure(
    label: string,
    make: () => SecretInput | Promise<SecretInput>,
    options?: SecretOptions,
  ): Promise<OwnedSecret | undefined>;
  /**
   * Makes the secret with this label have this content; the same content again makes no new revision.
   *
   * @returns On a follower, for an application's secret, what there is: it writes nothing.
   */
  set(label: string, content: SecretInput, options?: SecretOptions): Promise<OwnedSecret | undefined>;
  /** A secret this application or unit owns, in its latest revision. */
  byLabel(label: string): Promise<OwnedSecret | undefined>;
  /**
   * Somebody else's secret. Reads the revision this unit tracks; with `refresh` the latest, which it tracks
   * from then on; with `peek` the latest, this once. `label` is this unit's own name for it: later events carry it.
   *
   * @throws {SecretUnavailableError} `ERR_SECRET_UNAVAILABLE`, waiting: it does not exist or is not granted, yet.
   */
  get(
    id: string,
    options?: { readonly refresh?: boolean; readonly peek?: boolean; readonly label?: string },
  ): Promise<SecretContent>;
  /** What Juju keeps about an owned secret; `undefined` where there is none, and for followers who may not ask. */
  info(label: string): Promise<SecretInfo | undefined>;
  /**
   * Lets the application at the other end of a relation, or one of its units, read an owned secret. Repeating it
   * does nothing.
   */
  grant(secret: Pick<OwnedSecret, "id">, relation: GrantTarget, options?: GrantOptions): void;
  /** Takes a grant back. */
  revoke(secret: Pick<OwnedSecret, "id">, relation: GrantTarget, options?: GrantOptions): void;
  /** Removes an owned secret, or one revision of it. */
  remove(secret: Pick<OwnedSecret, "id">, options?: { readonly revision?: number }): void;
}
