/** What a key of a layer holds. A nested table is an object of its own. */
export type FieldKind = "text" | "list" | "map" | "int" | "id" | "float" | "duration" | Fields;

/** Keys of one kind of item and what they hold, in the order in which Pebble prints them. */
export interface Fields {
  readonly [key: string]: FieldKind;
}

const IDENTITY = { "user-id": "id", user: "text", "group-id": "id", group: "text" } as const;

export const SERVICE_FIELDS: Fields = {
  summary: "text",
  description: "text",
  startup: "text",
  override: "text",
  command: "text",
  after: "list",
  before: "list",
  requires: "list",
  workload: "text",
  environment: "map",
  ...IDENTITY,
  "working-dir": "text",
  "on-success": "text",
  "on-failure": "text",
  "on-check-failure": "map",
  "backoff-delay": "duration",
  "backoff-factor": "float",
  "backoff-limit": "duration",
  "kill-delay": "duration",
};

export const CHECK_FIELDS: Fields = {
  override: "text",
  level: "text",
  startup: "text",
  period: "duration",
  timeout: "duration",
  threshold: "int",
  http: { url: "text", headers: "map" },
  tcp: { port: "int", host: "text" },
  exec: {
    command: "text",
    "service-context": "text",
    environment: "map",
    ...IDENTITY,
    "working-dir": "text",
  },
};

export const LOG_TARGET_FIELDS: Fields = {
  type: "text",
  location: "text",
  services: "list",
  override: "text",
  labels: "map",
};

/** Sections of a layer that hold items by name. */
export const SECTIONS = {
  services: { fields: SERVICE_FIELDS, type: "plan.Service", noun: "service", object: "service object" },
  checks: { fields: CHECK_FIELDS, type: "plan.Check", noun: "check", object: "check object" },
  "log-targets": {
    fields: LOG_TARGET_FIELDS,
    type: "plan.LogTarget",
    noun: "log target",
    object: "log target object",
  },
} as const;

export type SectionName = keyof typeof SECTIONS;
export const SECTION_NAMES = Object.keys(SECTIONS) as readonly SectionName[];

/** An item as it was decoded: only keys that were set. */
export type Item = Record<string, unknown>;
