import { type Codec, canonicalJson, databag, decimal, json } from "charmed-iap/interface";
import * as v from "valibot";
import { demand, httpUrl, line } from "../../checks.ts";
import { looseBoolean } from "../../codecs.ts";
import { remembering } from "../../remembering.ts";

/** Upstream readers refuse 65535 as well. */
const port = v.pipe(
  v.number("must be a number"),
  v.integer("must be a whole number"),
  v.minValue(1, "must be from 1 to 65534"),
  v.maxValue(65534, "must be from 1 to 65534"),
);
const scheme = v.picklist(["http", "https", "h2c"], "must be http, https or h2c");
const optionalText = v.optional(v.nullable(v.string()));
const flag = v.optional(v.boolean("must be true or false"), false);

/** How the gateway finds out whether a unit works; durations in Go's spelling. */
const healthcheck = v.object({
  path: v.string(),
  scheme: optionalText,
  hostname: optionalText,
  port: v.optional(v.nullable(v.pipe(v.number(), v.integer()))),
  interval: v.optional(v.string(), "30s"),
  timeout: v.optional(v.string(), "5s"),
});

/** Written by the application that wants a URL. */
const application = v.object({
  /** Model of the application. */
  model: line(),
  /** Name of the application in its own model; `forward_auth` goes by it. */
  name: line(),
  /** Port that every unit listens on. */
  port,
  scheme: v.optional(scheme, "http"),
  /** Whether the gateway takes its prefix off the path before it passes a request on. */
  "strip-prefix": flag,
  /** Parsed by gateways and otherwise without effect. */
  "redirect-https": flag,
  /**
   * An addition of ours: the route must never be open. A gateway that knows it answers 503 until `forward_auth`
   * names the application; others ignore the key.
   */
  "require-forward-auth": v.optional(v.boolean("must be true or false")),
  healthcheck_params: v.optional(v.nullable(healthcheck)),
  /** Whether the unit has opened the port with Juju. */
  is_port_open: flag,
  /** Version 1 only: host of the one unit that it knows. Never written. */
  host: v.optional(line()),
});

/** Written by each unit of the application that wants a URL. */
const unit = v.object({
  /** Name that the gateway reaches the unit under. */
  host: line(),
  ip: v.optional(v.nullable(v.pipe(v.string(), v.ip("must be an IP address")))),
});

const url = v.pipe(
  httpUrl(),
  v.transform((given) => normal(given)),
);
const answer = v.object({ ingress: v.optional(v.nullable(v.object({ url }))) });

/** Written by the gateway. */
const provider = v.pipe(answer, demand<v.InferOutput<typeof answer>, "ingress">("ingress"));

/** JSON; reads, beside booleans, the words that pydantic takes for one, and `null` as false. */
const jsonBoolean: Codec = {
  decode(raw) {
    const result = json.decode(raw);
    if (!result.ok || typeof result.value === "boolean") return result;
    return result.value === null ? { ok: true, value: false } : looseBoolean.decode(raw);
  },
  encode: (value) => canonicalJson(value),
};

/** Readers take `true` for port 1, as Python's booleans are numbers; it is refused here. */
const healthcheckCodec: Codec = {
  decode: json.decode,
  encode: (value) => (value === null ? undefined : json.encode(withoutDefaults(value as Healthcheck))),
};

type Healthcheck = v.InferInput<typeof healthcheck>;

function withoutDefaults(check: Healthcheck): Record<string, unknown> {
  const assumed: Record<string, unknown> = { interval: "30s", timeout: "5s" };
  const told = Object.entries(check).filter(([key, value]) => value !== null && assumed[key] !== value);
  return Object.fromEntries(told);
}

/** The host in lower case, default ports gone, everything outside ASCII escaped, an empty path a slash. */
const normal = remembering((given: string): string => URL.parse(given)?.href ?? given);

const answerCodec: Codec = {
  decode: decodeAnswer,
  encode: (value) => {
    const given = (value as { url?: unknown } | null)?.url;
    return given === undefined ? undefined : json.encode({ url: normal(String(given)) });
  },
};

/** JSON, or the one line of YAML that gateways of version 1 write: `url: http://…`, perhaps quoted. */
function decodeAnswer(raw: string): ReturnType<Codec["decode"]> {
  const result = json.decode(raw);
  const found = result.ok ? undefined : /^url: +("[^"]*"|[^\s"'#&*!|>%@`{[]\S*)\s*$/.exec(raw)?.[1];
  if (found === undefined) return result;
  if (!found.startsWith('"')) return { ok: true, value: { url: found } };
  const quoted = json.decode(found.replaceAll(/\\x([0-9A-F]{2})/g, "\\u00$1"));
  return quoted.ok ? { ok: true, value: { url: quoted.value } } : result;
}

const legacy = v.object({
  model: line(),
  name: line(),
  host: line(),
  port,
  "strip-prefix": flag,
  "redirect-https": flag,
});

/** Version 1: plain text, one host for the whole application. */
const legacyApp = databag(legacy, {
  codecs: { port: decimal, "strip-prefix": looseBoolean, "redirect-https": looseBoolean },
});

/** The application databag of whoever wants a URL. */
export const requirerApp = databag.json(application, {
  codecs: {
    "strip-prefix": jsonBoolean,
    "redirect-https": jsonBoolean,
    is_port_open: jsonBoolean,
    "require-forward-auth": jsonBoolean,
    healthcheck_params: healthcheckCodec,
  },
  omit: { scheme: "http", "strip-prefix": false, "redirect-https": false, is_port_open: false },
  alternates: [
    {
      databag: legacyApp,
      upgrade: (older) => ({
        ...(older as v.InferOutput<typeof legacy>),
        scheme: "http" as const,
        is_port_open: false,
      }),
    },
  ],
});

/** The unit databag of whoever wants a URL. */
export const requirerUnit = databag.json(unit, { awaits: ["host"] });

/** The gateway's application databag. */
export const providerApp = databag.json(provider, { codecs: { ingress: answerCodec }, awaits: ["ingress"] });
