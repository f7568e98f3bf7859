/** What the controller answers about relations between models; see `api.ts`. @module */

import type { InModel, Method, Nothing } from "./api-method.ts";

/** An offer, with who uses it. */
export interface OfferReport {
  readonly name: string;
  readonly application: string;
  /** `local:probe-0`. */
  readonly charm: string;
  /** `admin/iam.hydra`. */
  readonly url: string;
  readonly description: string;
  readonly endpoints: Readonly<Record<string, { readonly interface: string; readonly role: string }>>;
  readonly connections: readonly {
    readonly "source-model-uuid": string;
    readonly "relation-id": number;
    readonly endpoint: string;
    readonly status: "joined";
    /** Milliseconds since the epoch. */
    readonly since: number;
    readonly "ingress-subnets": readonly string[];
  }[];
}

export interface OfferMethods {
  /** Endpoints are `hydra:oauth,info`. Answers the offer's URL. */
  offer: Method<InModel & { readonly endpoints: string; readonly name?: string }, { readonly url: string }>;
  removeOffer: Method<InModel & { readonly name: string; readonly force: boolean }, Nothing>;
  /** Of all models when none is named. */
  offers: Method<InModel & { readonly all?: boolean }, readonly OfferReport[]>;
  /** Makes the offer of another model an application of this one. Answers its name here. */
  consume: Method<
    InModel & { readonly from: string; readonly offer: string; readonly alias?: string },
    { readonly name: string; readonly url: string }
  >;
  removeSaas: Method<InModel & { readonly name: string }, Nothing>;
}
