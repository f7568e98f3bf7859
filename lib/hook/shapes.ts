import type { Shape } from "./run.ts";

type Json = Readonly<Record<string, unknown>>;

export function isRecord(json: unknown): json is Json {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

/** A list of texts; Juju prints `null` for an absent one. */
export const texts: Shape<readonly string[]> = {
  expected: "a list of texts",
  read(json) {
    if (json === null) return [];
    return Array.isArray(json) && json.every((item) => typeof item === "string") ? json : undefined;
  },
};

/** A map of texts; Juju prints `null` for an absent one. */
export const textMap: Shape<Readonly<Record<string, string>>> = {
  expected: "a map of texts",
  read(json) {
    if (json === null) return {};
    if (!isRecord(json) || !Object.values(json).every((item) => typeof item === "string")) return undefined;
    return json as Readonly<Record<string, string>>;
  },
};

export const bool: Shape<boolean> = {
  expected: "a boolean",
  read: (json) => (typeof json === "boolean" ? json : undefined),
};

export const text: Shape<string> = {
  expected: "a text",
  read: (json) => (typeof json === "string" ? json : undefined),
};

/** Any map; `null` is an empty one. */
export const map: Shape<Json> = {
  expected: "a map",
  read: (json) => (json === null ? {} : isRecord(json) ? json : undefined),
};
