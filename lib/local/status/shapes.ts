import type { StatusValue } from "../../model/status.ts";

/** A machine, or a container on one. */
export interface MachineReport {
  readonly agent: StatusValue & { readonly version?: string };
  readonly instance: StatusValue;
  readonly dns?: string;
  readonly ips?: readonly string[];
  readonly hostname?: string;
  readonly "instance-id": string;
  readonly display?: string;
  readonly base: string;
  /** `arch=amd64 cores=2 availability-zone=az1`. */
  readonly hardware?: string;
  readonly constraints?: string;
  readonly containers?: Readonly<Record<string, MachineReport>>;
}

/** One storage instance with the filesystem that serves it. */
export interface StorageReport {
  /** `data/0`. */
  readonly id: string;
  readonly kind: string;
  readonly unit: string;
  /** Mount point; empty while it is not attached. */
  readonly location: string;
  /** Mebibytes. */
  readonly size: number;
  readonly pool: string;
  readonly status: StatusValue;
  readonly persistent: boolean;
}

type Endpoints = Readonly<Record<string, { readonly interface: string; readonly role: string }>>;

/** An offer of another model that is consumed here. */
export interface SaasReport {
  readonly url: string;
  readonly status: StatusValue;
  readonly endpoints: Endpoints;
  readonly relations?: Readonly<Record<string, readonly string[]>>;
}

/** An offer of this model. */
export interface OfferReport {
  readonly application: string;
  readonly charm?: string;
  readonly total?: number;
  readonly active?: number;
  readonly endpoints: Endpoints;
}
