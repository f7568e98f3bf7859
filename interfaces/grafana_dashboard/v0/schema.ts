import { databag } from "charmed-iap/interface";
import * as v from "valibot";

const text = v.string("must be text");

/** One dashboard on its way. */
export const template = v.object({
  /** Name of the charm; the Python library writes it always, and its reader fails without. */
  charm: v.optional(text),
  /** Base64 of an XZ container of the dashboard's JSON. */
  content: text,
  juju_topology: v.optional(
    v.object({
      model: v.optional(text),
      model_uuid: v.optional(text),
      application: v.optional(text),
      unit: v.optional(text),
    }),
    {},
  ),
  /** Whether Grafana's charm adds its drop-downs for model, application and unit. */
  inject_dropdowns: v.optional(v.boolean("must be true or false"), true),
  /** 16 hexadecimal digits; taken where the dashboard has no `uid`. */
  dashboard_alt_uid: v.optional(v.nullable(text)),
});

const provider = v.object({
  dashboards: v.object({
    /** Id → dashboard. */
    templates: v.record(v.string(), template),
    /** Nobody reads it. */
    uuid: v.optional(text),
  }),
});

/** What Grafana's charm found wrong. */
const requirer = v.object({
  event: v.optional(
    v.nullable(
      v.object({
        valid: v.optional(v.boolean()),
        errors: v.optional(
          v.array(v.object({ dashboard_id: v.optional(text), error: v.optional(text) })),
          [],
        ),
      }),
    ),
  ),
});

/** The application databag of whoever has dashboards. */
export const providerApp = databag.json(provider, { awaits: ["dashboards"] });

/** Grafana's application databag. */
export const requirerApp = databag.json(requirer);
