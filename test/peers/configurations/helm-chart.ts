import { parse } from "yaml";
import type { Container } from "./container.ts";

type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value };
type Values = { readonly [key: string]: Value };

/** Values of the chart that matter to the container, as `values.yaml` of the chart has them. */
interface ChartValues {
  readonly config: {
    readonly clientID: string;
    readonly clientSecret: string;
    readonly cookieSecret: string;
    readonly cookieName: string;
    readonly configFile: string | false;
  };
  readonly alphaConfig: { readonly enabled: boolean; readonly configData: Values };
  readonly extraArgs: Values | readonly string[];
  readonly authenticatedEmailsFile: { readonly enabled: boolean; readonly restricted_access: string };
  readonly proxyVarsAsSecrets: boolean;
  readonly sessionStorage: {
    readonly type: "cookie" | "redis";
    readonly redis: { readonly password: string; readonly standalone: { readonly connectionUrl: string } };
  };
  readonly metrics: { readonly enabled: boolean };
}

const DEFAULTS: ChartValues = {
  config: {
    clientID: "XXXXXXX",
    clientSecret: "XXXXXXXX",
    cookieSecret: "XXXXXXXXXXXXXXXX",
    cookieName: "",
    configFile: 'email_domains = [ "*" ]\nupstreams = [ "file:///dev/null" ]',
  },
  alphaConfig: { enabled: false, configData: {} },
  extraArgs: {},
  authenticatedEmailsFile: { enabled: false, restricted_access: "" },
  proxyVarsAsSecrets: true,
  sessionStorage: { type: "cookie", redis: { password: "", standalone: { connectionUrl: "" } } },
  metrics: { enabled: true },
};

const isMap = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Later values win, key by key, as with `helm --values a --values b`. */
function merged(base: Values, over: Values): Values {
  const entries = Object.entries(over).map(([key, value]): [string, Value] => {
    const before = base[key];
    return [key, isMap(before) && isMap(value) ? merged(before, value) : value];
  });
  return { ...base, ...Object.fromEntries(entries) };
}

const CONFIG = "/etc/oauth2_proxy/oauth2_proxy.cfg";
const ALPHA = "/etc/oauth2_proxy/oauth2_proxy.yml";
const EMAILS = "/etc/oauth2-proxy/authenticated-emails-list";

/** A map becomes flags in the order of its keys, as Go's templates walk it; a key without a value becomes a switch. */
function extraArgs(extra: Values | readonly string[]): readonly string[] {
  if (!isMap(extra)) return extra as readonly string[];
  return Object.keys(extra)
    .sort()
    .map((key) => (extra[key] === null ? `--${key}` : `--${key}=${String(extra[key])}`));
}

function args({ config, alphaConfig, extraArgs: extra, authenticatedEmailsFile, metrics }: ChartValues) {
  const addresses = [
    "--http-address=0.0.0.0:4180",
    "--https-address=0.0.0.0:4443",
    ...(metrics.enabled ? ["--metrics-address=0.0.0.0:44180"] : []),
  ];
  return [
    ...(alphaConfig.enabled ? [`--alpha-config=${ALPHA}`] : addresses),
    ...(config.cookieName === "" ? [] : [`--cookie-name=${config.cookieName}`]),
    ...extraArgs(extra),
    ...(config.configFile ? [`--config=${CONFIG}`] : []),
    ...(authenticatedEmailsFile.enabled ? [`--authenticated-emails-file=${EMAILS}`] : []),
  ];
}

function environment({ config, proxyVarsAsSecrets, sessionStorage: { type, redis } }: ChartValues) {
  return {
    ...(proxyVarsAsSecrets && {
      OAUTH2_PROXY_CLIENT_ID: config.clientID,
      OAUTH2_PROXY_CLIENT_SECRET: config.clientSecret,
      OAUTH2_PROXY_COOKIE_SECRET: config.cookieSecret,
    }),
    ...(type === "redis" && {
      OAUTH2_PROXY_SESSION_STORE_TYPE: "redis",
      ...(redis.password !== "" && { OAUTH2_PROXY_REDIS_PASSWORD: redis.password }),
      OAUTH2_PROXY_REDIS_CONNECTION_URL: redis.standalone.connectionUrl,
    }),
  };
}

function files({ config, alphaConfig, authenticatedEmailsFile, metrics }: ChartValues) {
  const alpha = {
    server: { BindAddress: "0.0.0.0:4180" },
    ...(metrics.enabled && { metricsServer: { BindAddress: "0.0.0.0:44180" } }),
    ...alphaConfig.configData,
  };
  return {
    ...(config.configFile && { [CONFIG]: config.configFile }),
    // JSON is YAML, and says the same.
    ...(alphaConfig.enabled && { [ALPHA]: JSON.stringify(alpha) }),
    ...(authenticatedEmailsFile.enabled && { [EMAILS]: authenticatedEmailsFile.restricted_access }),
  };
}

/**
 * The container that the chart oauth2-proxy/oauth2-proxy makes of values files; only values that these configurations set are
 * looked at, and a template in a value is refused. Helm itself is not needed for it.
 *
 * @param texts Values files, later ones over earlier ones.
 * @see oauth2-proxy/manifests: helm/oauth2-proxy/templates/deployment.yaml, values.yaml (7.1)
 */
export function chartContainer(...texts: readonly string[]): Container {
  if (texts.some((text) => text.includes("{{"))) throw new TypeError("a value holds a template");
  const given = texts.map((text) => parse(text) as Values);
  const values = given.reduce(merged, DEFAULTS as unknown as Values) as unknown as ChartValues;
  return { args: args(values), environment: environment(values), files: files(values) };
}
