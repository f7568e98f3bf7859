/** The messages of Envoy's external authorization and of gRPC's health checks, as they are decoded and encoded here. */
import type { ServiceDefinition } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

/** A header as Envoy sends it with `encode_raw_headers`, or as it is told to set it. */
export interface HeaderValue {
  readonly key?: string;
  readonly value?: string;
  readonly raw_value?: Uint8Array;
}

/** The user's request. Every field may be absent. */
export interface HttpRequest {
  readonly method?: string;
  /** Lower-case names; repeated ones joined. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Path and query as sent. */
  readonly path?: string;
  readonly host?: string;
  readonly scheme?: string;
  /** Instead of `headers`, each as sent. */
  readonly header_map?: { readonly headers?: readonly HeaderValue[] };
}

/** Envoy's question. */
export interface CheckRequest {
  readonly attributes?: {
    readonly source?: { readonly address?: { readonly socket_address?: { readonly address?: string } } };
    readonly request?: { readonly http?: HttpRequest };
    /** What the operator wrote on the route; users cannot change it. */
    readonly context_extensions?: Readonly<Record<string, string>>;
  };
}

/** A header in an answer. */
export interface HeaderValueOption {
  readonly header: HeaderValue;
  /** Absent: replaces what is there. */
  readonly append?: { readonly value: boolean };
}

/** Our answer: status code 0 lets the request pass. */
export interface CheckResponse {
  readonly status: { readonly code: number };
  readonly denied_response?: {
    readonly status: { readonly code: number };
    readonly headers: readonly HeaderValueOption[];
    readonly body: string;
  };
  readonly ok_response?: {
    readonly headers: readonly HeaderValueOption[];
    readonly headers_to_remove: readonly string[];
    readonly response_headers_to_add: readonly HeaderValueOption[];
  };
}

const OPTIONS = { keepCase: true, longs: Number, enums: Number, defaults: false } as const;

function serviceOf(file: string, name: string): ServiceDefinition {
  const path = new URL(file, import.meta.url).pathname;
  return loadSync(decodeURIComponent(path), OPTIONS)[name] as ServiceDefinition;
}

/** `envoy.service.auth.v3.Authorization`. */
export const AUTHORIZATION = serviceOf("authorization.proto", "envoy.service.auth.v3.Authorization");

/** `grpc.health.v1.Health`. */
export const HEALTH = serviceOf("health.proto", "grpc.health.v1.Health");

/** Decodes what came over the wire. @throws When it is no such message. */
export function decodeCheck(bytes: Buffer): CheckRequest {
  return AUTHORIZATION["Check"]?.requestDeserialize(bytes) as CheckRequest;
}
