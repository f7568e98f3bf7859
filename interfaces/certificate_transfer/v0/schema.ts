import { type Codec, databag } from "charmed-iap/interface";
import * as v from "valibot";
import { jsonList, looseText } from "../../codecs.ts";

/** A whole number; text that is none means 0, as it asks for no version that anybody knows. */
export const versionCodec: Codec = {
  decode: (raw) => ({ ok: true, value: /^\d{1,9}$/.test(raw) ? Number(raw) : 0 }),
  encode: (value) => String(value),
};

/** Written by each unit of the provider that has a certificate; one of the three is there. */
const provider = v.pipe(
  v.object({
    /** PEM. */
    certificate: v.optional(v.string()),
    /** PEM. */
    ca: v.optional(v.string()),
    /** PEM, each certificate by itself. */
    chain: v.optional(v.array(v.string())),
    version: v.optional(v.number(), 0),
  }),
  v.forward(
    v.check(
      (data) => data.certificate !== undefined || data.ca !== undefined || data.chain !== undefined,
      "must be there, or ca, or chain",
    ),
    ["certificate"],
  ),
);

/** The databag of a provider's unit: raw PEM, or PEM as quoted JSON text. */
export const providerUnit = databag(provider, {
  codecs: { certificate: looseText, ca: looseText, chain: jsonList, version: versionCodec },
  fill: { version: 0 },
  awaits: ["certificate"],
});

/** The application databag of whoever receives: the version it understands. */
export const requirerApp = databag(v.object({ version: v.optional(v.number(), 0) }), {
  codecs: { version: versionCodec },
  fill: { version: 0 },
});
