/**
 * Where the original request is authoritative, for each mode. The readings are put where everything that decides looks for
 * them, in X-Forwarded-Method, -Proto, -Host and -Uri; what the mode does not vouch for is removed.
 *
 * @see kubernetes/ingress-nginx: rootfs/etc/nginx/template/nginx.tmpl; Envoy: HTTP filters, External Authorization
 */
import type { DecisionMode } from "../config.ts";
import type { Head } from "../server/head.ts";

/** A head that may still be changed. */
type Draft = { -readonly [Name in keyof Head]: Head[Name] };

/** The request line that carried the question. */
export interface RequestLine {
  readonly method: string;
  readonly url: string;
}

/** Schemes that Envoy tells, as URLs have them. */
const SCHEME = /^(?:https?|wss?)$/;

/** Reads `$scheme://$http_host$request_uri`. A value that is none leaves empty fields, which nothing accepts. */
function tellIngress(head: Draft): void {
  const url = head["x-original-url"];
  const method = head["x-original-method"];
  forget(head);
  if (url === undefined || method === undefined) return;
  const [, scheme = "", host = "", uri = ""] = /^(https?):\/\/([^/?#\\]*)(\/.*)$/s.exec(url) ?? [];
  head["x-forwarded-method"] = method;
  head["x-forwarded-proto"] = scheme;
  head["x-forwarded-host"] = host;
  head["x-forwarded-uri"] = uri;
}

/** The request line and Host are the user's own request, as Envoy saw it; nothing else is. */
function tellEnvoy(head: Draft, line: RequestLine, secure: boolean): void {
  const proto = head["x-forwarded-proto"] ?? "";
  forget(head);
  head["x-forwarded-method"] = line.method;
  head["x-forwarded-proto"] = SCHEME.test(proto) ? proto : secure ? "https" : "http";
  head["x-forwarded-uri"] = line.url;
  if (head.host !== undefined) head["x-forwarded-host"] = head.host;
}

function forget(head: Draft): void {
  delete head["x-forwarded-method"];
  delete head["x-forwarded-proto"];
  delete head["x-forwarded-host"];
  delete head["x-forwarded-uri"];
  delete head["x-auth-request-redirect"];
}

/**
 * The head of a decision request, with the original request as the mode has it. Changes `head`.
 *
 * @param options.secure Scheme when Envoy does not tell it: true for `https`.
 */
export function tellOriginal(
  head: Head,
  line: RequestLine,
  { mode, secure }: { readonly mode: DecisionMode; readonly secure: boolean },
): Head {
  if (mode === "nginx-ingress") tellIngress(head);
  else if (mode === "envoy-http" || mode === "envoy-grpc") tellEnvoy(head, line, secure);
  return head;
}
