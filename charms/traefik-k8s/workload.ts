import type { PlannedFile, Sensitive, WorkloadPlan } from "charmed-iap/charm";
import { type DynamicConfig, fileText } from "./dynamic.ts";

/** Entry points, in the pod. The Service in front maps 80 and 443 to them. */
export const WEB_PORT = 8080;
export const WEBSECURE_PORT = 8443;
export const DIAGNOSTICS_PORT = 8082;

const STATIC = "/etc/traefik/traefik.yaml";
const DYNAMIC = "/opt/traefik/juju";
/** Where the certificate chain is, in the container. */
export const chainPath = `${DYNAMIC}/gateway.cert`;

const AUTHORITIES = "/usr/local/share/ca-certificates";

/** A certificate chain with its key. */
export interface Certificate {
  /** Leaf first. */
  readonly chain: readonly string[];
  readonly key: Sensitive<string>;
}

/** What Traefik is told. */
export interface Settings {
  /** Public port that plain HTTP is redirected to; absent without TLS. */
  readonly httpsPort: number | undefined;
  readonly certificate: Certificate | undefined;
  /** Name of a file without `.yaml` → routes. */
  readonly routes: Readonly<Record<string, DynamicConfig>>;
  /** CA certificates of applications, PEM. */
  readonly authorities: readonly string[];
  /** Makes a container path text that commands and files may name. */
  readonly path: (absolute: string) => string;
}

function staticConfig({ httpsPort, path }: Settings): string {
  const transport = { respondingTimeouts: { readTimeout: "60s", idleTimeout: "180s" } };
  const redirect = {
    http: { redirections: { entryPoint: { to: `:${httpsPort}`, scheme: "https", permanent: true } } },
  };
  const config = {
    global: { checkNewVersion: false, sendAnonymousUsage: false },
    log: { level: "INFO", format: "json" },
    entryPoints: {
      diagnostics: { address: `:${DIAGNOSTICS_PORT}` },
      web: { address: `:${WEB_PORT}`, transport, ...(httpsPort === undefined ? {} : redirect) },
      websecure: { address: `:${WEBSECURE_PORT}`, transport },
    },
    metrics: { prometheus: { addRoutersLabels: true, addServicesLabels: true, entryPoint: "diagnostics" } },
    ping: { entryPoint: "diagnostics" },
    providers: { file: { directory: path(DYNAMIC), watch: true } },
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

const CIPHERS = ["ECDSA", "RSA"].flatMap((key) =>
  ["AES_128_GCM_SHA256", "AES_256_GCM_SHA384", "CHACHA20_POLY1305_SHA256"].map(
    (cipher) => `TLS_ECDHE_${key}_WITH_${cipher}`,
  ),
);

function certificateFiles({ certificate, path }: Settings): Record<string, PlannedFile> {
  if (!certificate) return {};
  const keyPath = `${DYNAMIC}/gateway.key`;
  const pair = { certFile: path(chainPath), keyFile: path(keyPath) };
  const tls = {
    certificates: [pair],
    stores: { default: { defaultCertificate: pair } },
    options: {
      default: {
        minVersion: "VersionTLS12",
        curvePreferences: ["X25519", "CurveP256", "CurveP384"],
        cipherSuites: CIPHERS,
      },
    },
  };
  return {
    [chainPath]: `${certificate.chain.join("\n")}\n`,
    [keyPath]: { content: certificate.key, permissions: "600" },
    [`${DYNAMIC}/certificates.yaml`]: fileText({ tls }),
  };
}

/** What runs in the container. Routes and certificates are read again when they change; all else restarts. */
export function plan(settings: Settings): WorkloadPlan {
  const routes = Object.entries(settings.routes).map(
    ([name, config]) => [`${DYNAMIC}/${name}.yaml`, fileText(config)] as const,
  );
  const authorities = settings.authorities.map(
    (pem, index) => [`${AUTHORITIES}/receive-ca-cert-${index}.crt`, `${pem.trim()}\n`] as const,
  );
  return {
    services: {
      traefik: {
        command: `/usr/bin/traefik --configFile=${settings.path(STATIC)}`,
        summary: "Traefik",
        reads: [STATIC, `${AUTHORITIES}/`],
      },
    },
    checks: { alive: { level: "alive", http: { url: `http://localhost:${DIAGNOSTICS_PORT}/ping` } } },
    files: {
      [STATIC]: staticConfig(settings),
      // Traefik watches no folder that is not there when it starts, and takes no file with another ending for routes.
      [`${DYNAMIC}/README`]:
        "Routes and certificates, written by the charm: what else is put here is removed.\n",
      ...Object.fromEntries(routes),
      ...certificateFiles(settings),
      ...Object.fromEntries(authorities),
    },
    exclusive: [DYNAMIC, AUTHORITIES],
  };
}

/** Whether a change of these files needs the container's trust store to be made anew. */
export const touchesAuthorities = (files: readonly string[]): boolean =>
  files.some((file) => file.startsWith(`${AUTHORITIES}/`));

/** The version in what `traefik version` prints, without `v`. */
export const versionIn = (text: string): string | undefined => /Version:\s*v?(\S+)/.exec(text)?.[1];
