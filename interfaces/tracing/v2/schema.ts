import { databag } from "charmed-iap/interface";
import * as v from "valibot";
import { line } from "../../checks.ts";

/** Protocols that the Python library knows; it refuses a request that names another one. */
export const PROTOCOLS = ["zipkin", "otlp_grpc", "otlp_http", "jaeger_grpc", "jaeger_thrift_http"] as const;

/** Written by the charm that sends traces. */
const requirer = v.object({
  receivers: v.array(v.picklist(PROTOCOLS, `must be one of ${PROTOCOLS.join(", ")}`)),
});

const receiver = v.object({
  protocol: v.object({
    /** Any name is read: newer backends may know more. */
    name: line(),
    type: v.picklist(["http", "grpc"], "must be http or grpc"),
  }),
  /** With its scheme for `http`; `host:port` for `grpc`. */
  url: line(),
});

/** Written by the backend. */
const provider = v.object({ receivers: v.array(receiver) });

/** The application databag of whoever sends traces. */
export const requirerApp = databag.json(requirer, { awaits: ["receivers"] });

/** The backend's application databag. */
export const providerApp = databag.json(provider, { awaits: ["receivers"] });
