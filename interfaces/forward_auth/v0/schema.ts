import { databag } from "charmed-iap/interface";
import * as v from "valibot";
import { httpUrl, line } from "../../checks.ts";
import { jsonSet, looseText } from "../../codecs.ts";

/** Written by the decision point. */
const provider = v.object({
  /** Absolute URL that the gateway asks, verbatim; with its port, for one gateway takes only host and port. */
  decisions_address: httpUrl(),
  /** All applications whose requests must be checked, routed yet or not; empty means none. */
  app_names: v.array(line()),
  /** Response headers that the gateway copies onto the request it lets through. */
  headers: v.optional(v.array(line()), []),
});

/** Written by the gateway. */
const requirer = v.object({
  /** Applications that the gateway routes to, under the names that its relations have. */
  ingress_app_names: v.array(line()),
});

/** The decision point's application databag. */
export const providerApp = databag(provider, {
  codecs: { decisions_address: looseText, app_names: jsonSet, headers: jsonSet },
  fill: { headers: [] },
});

/** The gateway's application databag. */
export const requirerApp = databag(requirer, { codecs: { ingress_app_names: jsonSet } });
