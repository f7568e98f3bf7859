/** A message that is always the same, and what varies. Sensitive values print as `***`. */
export interface Log {
  debug(message: string, keys?: LogKeys): void;
  info(message: string, keys?: LogKeys): void;
  warning(message: string, keys?: LogKeys): void;
  error(message: string, keys?: LogKeys): void;
}

/** What varies in a log line. */
export type LogKeys = Readonly<Record<string, unknown>>;

/** Juju's levels. */
export type LogLevel = "DEBUG" | "INFO" | "WARNING" | "ERROR";

/** `client registered relation=3 app="hydra"`. */
export function logLine(message: string, keys: LogKeys = {}): string {
  const parts = Object.entries(keys).map(([key, value]) => `${key}=${valueText(value)}`);
  return [message, ...parts].join(" ");
}

function valueText(value: unknown): string {
  if (value instanceof Error) return JSON.stringify(value.message);
  return JSON.stringify(value) ?? String(value);
}
