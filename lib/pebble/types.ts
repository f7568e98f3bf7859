/** What travels on the Pebble API, in its spelling. Times are RFC 3339 text, durations Go's (`1m30s`). */

/** `boot-id` is new at each start of Pebble. */
export interface SystemInfo {
  readonly "boot-id": string;
  readonly version: string;
  readonly "http-address"?: string;
  readonly "https-address"?: string;
}

/** `error`: exited and not being restarted. `backoff`: waiting to be restarted. */
export type ServiceStatus = "active" | "inactive" | "backoff" | "error";

/** A service and how it is. */
export interface ServiceState {
  readonly name: string;
  readonly startup: "enabled" | "disabled";
  readonly current: ServiceStatus;
  /** Absent if it was never started. */
  readonly "current-since"?: string;
}

/** How far a change or task is. */
export type ChangeStatus =
  | "Hold"
  | "Do"
  | "Doing"
  | "Done"
  | "Wait"
  | "Abort"
  | "Undo"
  | "Undoing"
  | "Undone"
  | "Error";

/** One step of a change. */
export interface Task {
  readonly id: string;
  readonly kind: string;
  readonly summary: string;
  readonly status: ChangeStatus;
  /** Lines beginning with a time and `INFO` or `ERROR`. */
  readonly log?: readonly string[];
  readonly progress: { readonly label: string; readonly done: number; readonly total: number };
  readonly "spawn-time": string;
  readonly "ready-time"?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** Something Pebble does in the background. */
export interface Change {
  readonly id: string;
  /** `start`, `stop`, `restart`, `replan`, `autostart`, `exec`, `perform-check` or `recover-check`. */
  readonly kind: string;
  readonly summary: string;
  readonly status: ChangeStatus;
  readonly ready: boolean;
  /** Only with status `Error`. */
  readonly err?: string;
  readonly "spawn-time": string;
  readonly "ready-time"?: string;
  readonly tasks: readonly Task[];
  readonly data?: Readonly<Record<string, unknown>>;
}

/** What a check is about: whether the process lives, or whether it is of use. */
export type CheckLevel = "alive" | "ready";

/** A health check and how it goes. */
export interface CheckState {
  readonly name: string;
  readonly level?: CheckLevel;
  readonly startup: "enabled" | "disabled";
  /** `up` before the first run too. */
  readonly status: "up" | "down" | "inactive";
  readonly successes: number;
  /** Consecutive; absent when 0. */
  readonly failures?: number;
  readonly threshold: number;
  readonly "change-id"?: string;
  readonly "prev-change-id"?: string;
}

/** Something that happened in the container, and how often. */
export interface Notice {
  readonly id: string;
  /** null: public. */
  readonly "user-id": number | null;
  /** `custom`, `change-update` or `warning`. */
  readonly type: string;
  readonly key: string;
  readonly "first-occurred": string;
  readonly "last-occurred": string;
  readonly "last-repeated": string;
  readonly occurrences: number;
  readonly "last-data"?: Readonly<Record<string, string>>;
  readonly "repeat-after"?: string;
  readonly "expire-after"?: string;
}

/** Kinds of files. */
export type FileType = "file" | "directory" | "symlink" | "socket" | "named-pipe" | "device" | "unknown";

/** One file or directory of a container. */
export interface FileEntry {
  readonly path: string;
  readonly name: string;
  readonly type: FileType;
  /** Bytes; only for files. */
  readonly size?: number;
  /** Three octal digits. */
  readonly permissions: string;
  /** To the second. */
  readonly "last-modified": string;
  readonly "user-id": number;
  readonly user: string;
  readonly "group-id": number;
  readonly group: string;
}

/** A line a service wrote, without its line end. */
export interface LogEntry {
  readonly time: string;
  readonly service: string;
  readonly message: string;
}

/** What whoever has an identity may do. */
export type IdentityAccess = "admin" | "read" | "metrics" | "untrusted";

/** Who may ask Pebble what; has at least one of `local`, `basic` and `cert`. */
export interface Identity {
  readonly access: IdentityAccess;
  /** A user of the container, over the socket. */
  readonly local?: { readonly "user-id": number };
  /** A password, as the SHA-512 hash of crypt(3) (`$6$…`); Pebble answers `*****`. */
  readonly basic?: { readonly password: string };
  /** A self-signed client certificate, over HTTPS; Pebble answers `*****`. */
  readonly cert?: { readonly pem: string };
}
