/**
 * A model as `juju status` needs it, in neutral words: the shape of `test/golden/status/*.input.json`.
 * The engine makes it, `lib/local` renders it.
 *
 * @module
 */

export interface StatusValue {
  readonly status: string;
  readonly message: string;
  /** RFC 3339, UTC. */
  readonly since: string;
  readonly life?: "dying" | "dead";
  readonly data?: Readonly<Record<string, unknown>>;
}

export interface UnitReport {
  readonly workload: StatusValue;
  readonly agent: StatusValue;
  readonly address?: string;
  readonly leader: boolean;
  readonly ports?: readonly string[];
  readonly [key: string]: unknown;
}

export interface ApplicationReport {
  readonly charm: string;
  readonly revision: number;
  readonly channel: string;
  readonly origin: "store" | "local";
  readonly base: string;
  readonly status: StatusValue;
  readonly units?: Readonly<Record<string, UnitReport>>;
  readonly scale: number;
  readonly address?: string;
  readonly exposed?: boolean;
  readonly version?: string;
  /** Endpoint → related applications. */
  readonly relations?: Readonly<Record<string, readonly string[]>>;
  readonly [key: string]: unknown;
}

export interface RelationReport {
  readonly id: number;
  readonly key: string;
  readonly interface: string;
  /** Application, endpoint, role. */
  readonly endpoints: readonly (readonly [string, string, string])[];
  readonly status: StatusValue;
  readonly [key: string]: unknown;
}

export interface ModelReport {
  readonly model: {
    readonly name: string;
    readonly controller: string;
    readonly cloud: string;
    readonly region: string;
    readonly type: "k8s" | "machine";
    readonly version: string;
    readonly status: StatusValue;
    readonly timestamp?: string;
    readonly [key: string]: unknown;
  };
  readonly applications: Readonly<Record<string, ApplicationReport>>;
  readonly relations?: readonly RelationReport[];
  readonly storage?: readonly unknown[];
  readonly [key: string]: unknown;
}
