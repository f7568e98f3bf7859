import { type Codec, databag, text } from "charmed-iap/interface";
import * as v from "valibot";
import { demand } from "../../checks.ts";

/** The exact text `True` is true and everything else false, as upstream compares. */
const exactTrue: Codec = {
  decode: (raw) => ({ ok: true, value: raw === "True" }),
  encode: (value) => (value === true ? "True" : "False"),
};

/** Written by the application that brings its routes. */
const requirer = v.object({
  /** Whether the configuration is complete; else the gateway adds routers for TLS. */
  raw: v.optional(v.boolean(), false),
  /** Traefik's dynamic configuration, as YAML or JSON text; see `configText` and `parseConfig`. */
  config: v.string(),
  /** Traefik's static configuration, as YAML or JSON text. */
  static: v.optional(v.string()),
});

const address = v.object({
  /** Host name or IP address, perhaps with a port, perhaps with a path; no scheme. */
  external_host: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[^\s/\p{Cc}\\@?#][^\s\p{Cc}\\@?#]*$/u, "must be a host, perhaps with a path"),
    ),
  ),
  scheme: v.optional(v.picklist(["http", "https"], "must be http or https"), "http"),
});

/** Written by the gateway. */
const provider = v.pipe(address, demand<v.InferOutput<typeof address>, "external_host">("external_host"));

/** The application databag of whoever brings routes. */
export const requirerApp = databag(requirer, {
  codecs: { raw: exactTrue, config: text, static: text },
  fill: { raw: false },
  awaits: ["config"],
});

/** The gateway's application databag. */
export const providerApp = databag(provider, { awaits: ["external_host"], fill: { scheme: "http" } });
