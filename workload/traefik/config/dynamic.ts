/**
 * The dynamic configuration: routers, services, middlewares and certificates. Traefik refuses a whole folder for
 * one file that it does not understand, so keys are checked strictly.
 *
 * @module
 */

import * as v from "valibot";
import { parse } from "yaml";
import { durationMs } from "./duration.ts";
import { ConfigFault } from "./fault.ts";
import { spelled } from "./spelling.ts";

/** Values may be given as text, as on Traefik's command line. */
const text = v.pipe(v.union([v.string(), v.number(), v.boolean()]), v.transform(String));
const flag = (fallback: boolean) =>
  v.optional(
    v.pipe(
      v.union([v.boolean(), v.picklist(["true", "false"])]),
      v.transform((value) => String(value) === "true"),
    ),
    fallback,
  );
const whole = v.pipe(
  v.union([v.number(), v.pipe(v.string(), v.regex(/^-?\d+$/))]),
  v.transform(Number),
  v.integer(),
);
const texts = v.union([
  v.array(text),
  v.pipe(
    text,
    v.transform((value) => value.split(",")),
  ),
]);
const duration = v.pipe(
  v.union([v.string(), v.number()]),
  v.check((value) => durationMs(value) !== undefined, "must be a duration"),
  v.transform((value) => durationMs(value) ?? 0),
);

const router = v.strictObject({
  entryPoints: v.optional(texts),
  middlewares: v.optional(texts, []),
  service: v.optional(v.string(), ""),
  rule: v.optional(v.string(), ""),
  ruleSyntax: v.optional(v.string()),
  priority: v.optional(whole, 0),
  tls: v.optional(
    v.nullable(
      v.strictObject({
        options: v.optional(v.string()),
        certResolver: v.optional(v.string()),
        domains: v.optional(
          v.array(v.strictObject({ main: v.optional(v.string()), sans: v.optional(v.array(v.string())) })),
        ),
      }),
    ),
  ),
});

const service = v.strictObject({
  loadBalancer: v.optional(
    v.strictObject({
      servers: v.optional(
        v.array(
          v.strictObject({
            url: v.optional(v.string(), ""),
            weight: v.optional(whole),
            preservePath: v.optional(v.boolean()),
          }),
        ),
        [],
      ),
      passHostHeader: flag(true),
      serversTransport: v.optional(v.string()),
      healthCheck: v.optional(
        v.strictObject({
          path: v.optional(v.string(), "/"),
          scheme: v.optional(v.string()),
          hostname: v.optional(v.string()),
          port: v.optional(whole),
          interval: v.optional(duration, "30s"),
          timeout: v.optional(duration, "5s"),
          headers: v.optional(v.record(v.string(), v.string())),
          followRedirects: v.optional(v.boolean()),
          method: v.optional(v.string()),
          status: v.optional(whole),
          mode: v.optional(v.string()),
          unhealthyInterval: v.optional(duration),
        }),
      ),
      responseForwarding: v.optional(v.strictObject({ flushInterval: v.optional(v.string()) })),
      sticky: v.optional(v.looseObject({})),
      strategy: v.optional(v.string()),
    }),
  ),
});

const headerMap = v.optional(v.record(v.string(), text), {});

/** Middlewares that Traefik has and the stand-in has not: their routers answer 500, for they might protect. */
const UNSUPPORTED = [
  "buffering",
  "circuitBreaker",
  "contentType",
  "digestAuth",
  "encodedCharacters",
  "errors",
  "grpcWeb",
  "inFlightReq",
  "ipAllowList",
  "ipWhiteList",
  "passTLSClientCert",
  "plugin",
  "rateLimit",
  "retry",
] as const;

const middleware = v.strictObject({
  forwardAuth: v.optional(
    v.strictObject({
      address: v.optional(v.string(), ""),
      trustForwardHeader: flag(false),
      authResponseHeaders: v.optional(texts, []),
      authResponseHeadersRegex: v.optional(v.string()),
      authRequestHeaders: v.optional(texts, []),
      addAuthCookiesToResponse: v.optional(texts, []),
      forwardBody: flag(false),
      maxBodySize: v.optional(whole, -1),
      headerField: v.optional(v.string()),
      preserveLocationHeader: flag(false),
      preserveRequestMethod: flag(false),
      maxResponseBodySize: v.optional(whole),
      tls: v.optional(
        v.strictObject({
          ca: v.optional(v.string()),
          cert: v.optional(v.string()),
          key: v.optional(v.string()),
          insecureSkipVerify: flag(false),
          caOptional: v.optional(v.boolean()),
        }),
      ),
    }),
  ),
  stripPrefix: v.optional(v.strictObject({ prefixes: v.optional(texts, []), forceSlash: flag(true) })),
  stripPrefixRegex: v.optional(v.strictObject({ regex: v.optional(texts, []) })),
  addPrefix: v.optional(v.strictObject({ prefix: v.string() })),
  replacePath: v.optional(v.strictObject({ path: v.string() })),
  replacePathRegex: v.optional(
    v.strictObject({ regex: v.string(), replacement: v.optional(v.string(), "") }),
  ),
  redirectScheme: v.optional(
    v.strictObject({
      scheme: v.optional(v.string(), ""),
      port: v.optional(text, ""),
      permanent: flag(false),
    }),
  ),
  redirectRegex: v.optional(
    v.strictObject({ regex: v.string(), replacement: v.string(), permanent: flag(false) }),
  ),
  headers: v.optional(v.looseObject({ customRequestHeaders: headerMap, customResponseHeaders: headerMap })),
  basicAuth: v.optional(
    v.strictObject({
      users: v.optional(texts, []),
      realm: v.optional(v.string(), "traefik"),
      removeHeader: flag(false),
      headerField: v.optional(v.string()),
      usersFile: v.optional(v.string()),
    }),
  ),
  chain: v.optional(v.strictObject({ middlewares: v.optional(texts, []) })),
  compress: v.optional(v.nullable(v.looseObject({}))),
  ...Object.fromEntries(UNSUPPORTED.map((kind) => [kind, v.optional(v.looseObject({}))])),
});

const certificate = v.strictObject({
  certFile: v.string(),
  keyFile: v.string(),
  stores: v.optional(v.array(v.string())),
});

const serversTransport = v.strictObject({
  serverName: v.optional(v.string()),
  insecureSkipVerify: flag(false),
  rootCAs: v.optional(v.array(v.string()), []),
  disableHTTP2: v.optional(v.boolean()),
  maxIdleConnsPerHost: v.optional(whole),
  peerCertURI: v.optional(v.string()),
  certificates: v.optional(v.array(certificate)),
  forwardingTimeouts: v.optional(v.looseObject({})),
});

const table = <T extends v.GenericSchema>(value: T) =>
  v.optional(
    v.pipe(
      v.record(v.string(), value),
      v.check((entries) => Object.keys(entries).length > 0, "cannot be a standalone element"),
    ),
    // An absent table is an empty one; one that is written must not be.
  );

const schema = v.looseObject({
  http: v.optional(
    v.nullable(
      v.pipe(
        v.strictObject({
          routers: table(router),
          services: table(service),
          middlewares: table(middleware),
          serversTransports: table(serversTransport),
        }),
        v.check(
          (http) => Object.values(http).some((part) => part !== undefined),
          "http cannot be a standalone element",
        ),
      ),
    ),
  ),
  tls: v.optional(
    v.nullable(
      v.strictObject({
        certificates: v.optional(v.array(certificate), []),
        stores: v.optional(
          v.record(
            v.string(),
            v.strictObject({
              defaultCertificate: v.optional(certificate),
              defaultGeneratedCert: v.optional(v.unknown()),
            }),
          ),
          {},
        ),
        options: v.optional(
          v.record(
            v.string(),
            v.strictObject({
              minVersion: v.optional(v.string()),
              maxVersion: v.optional(v.string()),
              cipherSuites: v.optional(v.array(v.string())),
              curvePreferences: v.optional(v.array(v.string())),
              sniStrict: v.optional(v.boolean(), false),
              alpnProtocols: v.optional(v.array(v.string())),
              clientAuth: v.optional(v.unknown()),
              disableSessionTickets: v.optional(v.boolean()),
            }),
          ),
          {},
        ),
      }),
    ),
  ),
});

export type DynamicFile = v.InferOutput<typeof schema>;
export type RouterConfig = v.InferOutput<typeof router>;
export type ServiceConfig = v.InferOutput<typeof service>;
export type MiddlewareConfig = v.InferOutput<typeof middleware>;
export type ServersTransportConfig = v.InferOutput<typeof serversTransport>;
export type CertificateConfig = v.InferOutput<typeof certificate>;
export type TlsConfig = NonNullable<DynamicFile["tls"]>;

/**
 * Reads the text of one file.
 *
 * @throws {ConfigFault} `ERR_CONFIG`: the whole folder is refused then.
 */
export function parseDynamic(name: string, content: string): DynamicFile {
  if (/\{\{/.test(content)) throw new ConfigFault(`Cannot use ${name}: the stand-in runs no templates`);
  let raw: unknown;
  try {
    raw = parse(content, { uniqueKeys: true, maxAliasCount: 50, merge: true, logLevel: "error" }) ?? {};
  } catch (error) {
    throw new ConfigFault(`Cannot parse ${name}: ${(error as Error).message.split("\n")[0]}`, {
      cause: error,
    });
  }
  if (Array.isArray(raw)) throw new ConfigFault(`Cannot use ${name}: it is a list, it must be a mapping`);
  const result = v.safeParse(schema, spelled(schema, raw));
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new ConfigFault(`Cannot use ${name}: ${v.getDotPath(issue) ?? ""}: ${issue.message}`);
}
