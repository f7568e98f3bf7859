/**
 * What one hook can see, and what it changed: the border between the engine, which knows the whole
 * model, and the hook context, which answers hook commands. The shapes are those of the recorded
 * contexts and commits in `test/golden/hook-tools.json`, in the same spelling.
 *
 * @module
 */

/**
 * What few hooks ask for: the value, or what makes it, as it is when somebody asks. Not an accessor: every object literal
 * with one is of a kind of its own to the compiler, which makes each look at any of its fields slow.
 */
export type Late<T> = T | (() => T);

/** The value of something late. */
export function lateValue<T extends object>(late: Late<T>): T {
  return typeof late === "function" ? late() : late;
}

/** The world one hook runs in. Built by the engine when the hook starts. */
export interface HookWorld {
  readonly model: { readonly name: string; readonly uuid: string; readonly type: "caas" | "iaas" };
  readonly unit: string;
  readonly machine?: string;
  readonly zone?: string;
  readonly principal?: string;
  readonly leader: boolean;
  readonly "api-addresses"?: readonly string[];
  readonly "cloud-api-version"?: string;
  readonly "model-config"?: Readonly<Record<string, unknown>>;
  /** Every option of the charm; `null` where it has neither value nor default. */
  readonly config: Readonly<Record<string, string | number | boolean | null>>;
  readonly relations: readonly WorldRelation[];
  readonly hook?: WorldHook;
  readonly action?: WorldAction;
  readonly "unit-status"?: WorldStatus;
  readonly "app-status"?: Late<WorldStatus>;
  /** The other units of the application. */
  readonly "unit-statuses"?: Late<Readonly<Record<string, WorldStatus>>>;
  readonly "goal-state"?: Late<object>;
  readonly networks?: Late<Readonly<Record<string, WorldNetwork>>>;
  readonly "public-address"?: string;
  readonly "private-address"?: string;
  readonly storage?: readonly WorldStorage[];
  readonly state?: Readonly<Record<string, string>>;
  /** Unit → endpoint (empty text: all) → port ranges such as `80/tcp`. */
  readonly ports?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  readonly secrets?: Late<readonly WorldSecret[]>;
  /** Name → path of the file, and for errors what the agent would say. */
  readonly resources?: Readonly<Record<string, unknown>>;
  readonly "cloud-spec"?: unknown;
  readonly "leader-settings"?: Readonly<Record<string, string>>;
  readonly "workload-version"?: string;
}

export interface WorldRelation {
  readonly id: number;
  /** `web:db postgresql:database`, or `web:peers` for a peer relation. */
  readonly key: string;
  readonly endpoint: string;
  readonly role: "provider" | "requirer" | "peer";
  readonly interface: string;
  readonly "remote-app": string;
  readonly "remote-model-uuid"?: string;
  readonly life?: "alive" | "dying";
  /** Remote units in scope; for a peer relation the other units. */
  readonly members: readonly string[];
  /** Databags by application or unit name. */
  readonly data: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Which hook runs; the golden contexts show the keys of each kind. */
export interface WorldHook {
  readonly kind: string;
  readonly [key: string]: unknown;
}

export interface WorldAction {
  readonly name: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly [key: string]: unknown;
}

export interface WorldStatus {
  readonly status: string;
  readonly message: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

export interface WorldNetwork {
  readonly "bind-addresses"?: readonly {
    readonly "mac-address": string;
    readonly "interface-name": string;
    readonly addresses: readonly {
      readonly hostname: string;
      readonly value: string;
      readonly cidr: string;
    }[];
  }[];
  readonly "egress-subnets"?: readonly string[];
  readonly "ingress-addresses"?: readonly string[];
}

export interface WorldStorage {
  readonly id: string;
  readonly kind: string;
  readonly location?: string;
  readonly "not-provisioned"?: boolean;
}

export interface WorldSecret {
  /** 20 characters, without a scheme. */
  readonly id: string;
  /** Tag: `application-web`, `unit-web-0`. */
  readonly owner: string;
  readonly label: string;
  readonly description?: string;
  readonly rotate?: string;
  /** Latest revision. */
  readonly revision: number;
  readonly checksum?: string;
  readonly "next-rotate"?: string;
  readonly expires?: string;
  /** Whether this unit may read it. */
  readonly readable?: boolean;
  /** Revision → key → base64 text. */
  readonly content?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Revision this unit tracks. */
  readonly tracked?: number;
  readonly access?: readonly {
    readonly "target-tag": string;
    readonly "scope-tag": string;
    readonly role: string;
  }[];
  readonly [key: string]: unknown;
}

/** What a hook that ended well asks the controller to change, in one transaction. Lists are sorted. */
export interface HookCommit {
  /** Unit tag, `unit-web-0`. */
  readonly tag: string;
  readonly "update-network-info"?: boolean;
  readonly "relation-unit-settings"?: readonly {
    readonly relation: string;
    readonly unit: string;
    /** The whole databag after the hook; `null`: unchanged. */
    readonly settings: Readonly<Record<string, string>> | null;
    readonly "application-settings": Readonly<Record<string, string>> | null;
  }[];
  readonly "open-ports"?: readonly unknown[];
  readonly "close-ports"?: readonly unknown[];
  readonly "unit-state"?: unknown;
  readonly "secret-creates"?: readonly unknown[];
  readonly "secret-updates"?: readonly unknown[];
  readonly "secret-deletes"?: readonly unknown[];
  readonly "secret-grants"?: readonly unknown[];
  readonly "secret-revokes"?: readonly unknown[];
  /** Secrets changed in this hook whose new revision the unit tracks from now on. */
  readonly "secret-track-latest"?: readonly string[];
  readonly "storage-add"?: readonly unknown[];
}
