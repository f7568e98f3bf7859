import { canonicalJson, type Issue, validate } from "charmed-iap/interface";
import * as v from "valibot";

const table = <T extends v.GenericSchema>(value: T) => v.optional(v.nullable(v.record(v.string(), value)));
const anything = v.record(v.string(), v.unknown());

/** A router, as far as gateways look into it. */
const router = v.looseObject({
  rule: v.optional(v.string()),
  service: v.optional(v.string()),
  entryPoints: v.optional(v.array(v.string())),
  middlewares: v.optional(v.array(v.string())),
  priority: v.optional(v.number()),
  tls: v.optional(v.nullable(v.unknown())),
});

const section = v.optional(
  v.nullable(
    v.looseObject({ routers: table(router), services: table(anything), middlewares: table(anything) }),
  ),
);

const dynamic = v.looseObject({
  http: section,
  tcp: section,
  udp: section,
  tls: v.optional(v.nullable(anything)),
});

/** Traefik's dynamic configuration, as far as it is checked; other keys are kept. */
export type RouteConfig = v.InferOutput<typeof dynamic>;

/** A configuration, or what is wrong with it. */
export type Parsed<T> =
  | { readonly ok: true; readonly config: T }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/** Longest text that is parsed, in characters. */
export const MAX_CONFIG_LENGTH = 1_000_000;

/**
 * The text of a configuration: JSON with sorted keys, which is YAML as well, has no words that YAML 1.1 would
 * take for booleans, and is the same text for the same configuration.
 */
export function configText(config: RouteConfig | Readonly<Record<string, unknown>>): string {
  return canonicalJson(config) as string;
}

/**
 * Reads a dynamic configuration, YAML 1.1 or JSON. Never throws: what is no mapping, or has the wrong shape, is
 * refused with the path of the fault. An empty mapping is a configuration without routes.
 */
export async function parseConfig(text: string): Promise<Parsed<RouteConfig>> {
  const value = await parseMapping(text);
  if (!value.ok) return value;
  const result = validate(dynamic, value.config);
  return result.ok ? { ok: true, config: result.value as RouteConfig } : result;
}

/** Reads a static configuration: any mapping. Never throws. */
export async function parseStatic(text: string): Promise<Parsed<Record<string, unknown>>> {
  return await parseMapping(text);
}

async function parseMapping(text: string): Promise<Parsed<Record<string, unknown>>> {
  if (text.length > MAX_CONFIG_LENGTH) return refused(`must be at most ${MAX_CONFIG_LENGTH} characters`);
  const json = fromJson(text);
  if (json === undefined && isDeep(text)) return refused(`must be nested at most ${MAX_DEPTH} deep`);
  const value = json ?? (await fromYaml(text));
  if (value instanceof Error) return refused(`must be YAML: ${firstLine(value.message)}`);
  const isMapping =
    typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  return isMapping ? { ok: true, config: value as Record<string, unknown> } : refused("must be a mapping");
}

function fromJson(text: string): unknown {
  if (!text.startsWith("{")) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // A flow mapping of YAML begins like JSON.
  }
}

/** Deepest nesting of brackets that is parsed; those in quotes count too. */
const MAX_DEPTH = 100;

/** Whether a text opens more brackets than any configuration does; the parser takes seconds for it. */
function isDeep(text: string): boolean {
  let depth = 0;
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    depth += bracket === "[" || bracket === "{" ? 1 : -1;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}

/**
 * The parser is loaded only for text that is no JSON; ours always is. What it warns of, such as tags that nobody knows,
 * upstream's reader refuses.
 */
async function fromYaml(text: string): Promise<unknown> {
  const { parseDocument } = await import("yaml");
  try {
    // Each of a hostile text's thousands of errors would be printed with its surroundings.
    const options = { version: "1.1", schema: "yaml-1.1", logLevel: "error", prettyErrors: false } as const;
    const document = parseDocument(text, options);
    return document.errors[0] ?? document.warnings[0] ?? document.toJS({ maxAliasCount: 50 });
  } catch (cause) {
    return cause instanceof Error ? cause : new Error("is not valid");
  }
}

function refused(message: string): { ok: false; issues: Issue[] } {
  return { ok: false, issues: [{ path: [], message }] };
}

function firstLine(message: string): string {
  return message.split("\n", 1)[0] ?? message;
}
