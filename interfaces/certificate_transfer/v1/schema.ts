import { databag, json } from "charmed-iap/interface";
import * as v from "valibot";
import { jsonSet } from "../../codecs.ts";
import { versionCodec } from "../v0/schema.ts";

/** Written by whoever has certificates. */
const provider = v.object({
  /** A set of PEM texts; the order means nothing. */
  certificates: v.optional(v.array(v.string()), []),
  version: v.optional(v.pipe(v.number(), v.integer()), 1),
});

/** The provider's application databag: JSON text, both keys always there. */
export const providerApp = databag(provider, {
  codecs: { certificates: jsonSet, version: json },
  fill: { certificates: [], version: 1 },
});

/** The application databag of whoever receives: the version it understands. */
export const requirerApp = databag(v.object({ version: v.optional(v.number(), 0) }), {
  codecs: { version: versionCodec },
  fill: { version: 1 },
});
