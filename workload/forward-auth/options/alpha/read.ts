/** The YAML file of `--alpha-config`: listeners, upstreams, injected headers, providers. */
import { readFileSync } from "node:fs";
import { parseAllDocuments } from "yaml";
import type { Faults } from "../faults.ts";
import { PROVIDER_DEFAULTS } from "../flat/provider.ts";
import { STATIC_DEFAULTS, UPSTREAM_DEFAULTS } from "../flat/upstreams.ts";
import type { ServerSettings, Structure, TlsSettings, UpstreamSettings } from "../structure.ts";
import { ExpansionError, expand } from "./expand.ts";
import { Mapping } from "./mapping.ts";
import { readProvider } from "./provider.ts";
import { readHeader, readSecret } from "./sources.ts";

function readTls(mapping: Mapping): TlsSettings {
  return {
    key: mapping.mapping("key", readSecret),
    cert: mapping.mapping("cert", readSecret),
    minVersion: mapping.text("minVersion") as TlsSettings["minVersion"],
    cipherSuites: mapping.texts("cipherSuites"),
  };
}

function readServer(mapping: Mapping): ServerSettings {
  const secure = mapping.has("tls");
  return {
    bindAddress: mapping.text("bindAddress"),
    secureBindAddress: mapping.text("secureBindAddress"),
    tls: mapping.mapping("tls", (inner) => (secure ? readTls(inner) : undefined)),
  };
}

function readUpstream(mapping: Mapping): UpstreamSettings {
  const upstream: UpstreamSettings = {
    id: mapping.text("id"),
    path: mapping.text("path"),
    rewriteTarget: mapping.text("rewriteTarget"),
    uri: mapping.text("uri"),
    insecureSkipTlsVerify: mapping.boolean("insecureSkipTLSVerify", false),
    static: mapping.boolean("static", false),
    staticCode: mapping.integer("staticCode", UPSTREAM_DEFAULTS.staticCode),
    flushInterval: mapping.duration("flushInterval", UPSTREAM_DEFAULTS.flushInterval),
    passHostHeader: mapping.boolean("passHostHeader", true),
    proxyWebSockets: mapping.boolean("proxyWebSockets", true),
    timeout: mapping.duration("timeout", UPSTREAM_DEFAULTS.timeout),
    disableKeepAlives: mapping.boolean("disableKeepAlives", false),
  };
  if (!upstream.static) return upstream;
  const { id, path, rewriteTarget, staticCode } = upstream;
  return { ...STATIC_DEFAULTS, id, path, rewriteTarget, static: true, staticCode };
}

/** Reads the mapping of a whole file. Without `providers` there is one, which lacks everything that must be said. */
function readStructure(value: unknown, faults: Faults): Structure {
  const mapping = new Mapping(value, "", faults);
  const providers = mapping.list("providers", readProvider);
  const structure: Structure = {
    ...mapping.mapping("upstreamConfig", (inner) => ({
      proxyRawPath: inner.boolean("proxyRawPath", false),
      upstreams: inner.list("upstreams", readUpstream),
    })),
    requestHeaders: mapping.list("injectRequestHeaders", readHeader),
    responseHeaders: mapping.list("injectResponseHeaders", readHeader),
    server: mapping.mapping("server", readServer),
    metricsServer: mapping.mapping("metricsServer", readServer),
    providers: mapping.has("providers") ? providers : [{ ...PROVIDER_DEFAULTS, type: "google" }],
  };
  mapping.end();
  return structure;
}

/** The text is no YAML, or refers to what is not there. */
class YamlError extends Error {}

/** The first document of a YAML text as plain values. */
function parseYaml(text: string): unknown {
  const [document] = parseAllDocuments(text, { merge: true, stringKeys: true });
  if (document === undefined || !("errors" in document)) return null;
  const [error] = document.errors;
  if (error !== undefined) throw new YamlError(error.message.split("\n", 1)[0]?.replace(/:$/, ""));
  try {
    return document.toJS();
  } catch (cause) {
    // Aliases without an anchor, or too many of them.
    throw new YamlError((cause as Error).message.split("\n", 1)[0], { cause });
  }
}

/**
 * Reads the text of an alpha configuration; every fault is collected, none thrown.
 *
 * @param name The file's name, for messages.
 * @returns Undefined when the text is no YAML.
 */
export function readAlpha(
  text: string,
  name: string,
  environment: Readonly<Record<string, string | undefined>>,
  faults: Faults,
): Structure | undefined {
  try {
    return readStructure(parseYaml(expand(text, environment)), faults);
  } catch (error) {
    if (!(error instanceof ExpansionError || error instanceof YamlError)) throw error;
    faults.say("alpha-config", `Cannot read "${name}" (--alpha-config): ${error.message}`);
    return undefined;
  }
}

/** Reads the file of an alpha configuration; undefined when it cannot be read. */
export function readAlphaFile(
  file: string,
  environment: Readonly<Record<string, string | undefined>>,
  faults: Faults,
): Structure | undefined {
  try {
    return readAlpha(readFileSync(file, "utf8"), file, environment, faults);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    faults.say("alpha-config", `Cannot read "${file}" (--alpha-config): ${code}`);
    return undefined;
  }
}
