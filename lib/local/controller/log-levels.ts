const LEVELS = ["TRACE", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"];

/** Juju's default `logging-config`. */
export const DEFAULT_LOGGING = "<root>=INFO";

/** Whether a level is as severe as another, or more. */
export function isAtLeast(level: string, lowest: string): boolean {
  return LEVELS.indexOf(level) >= LEVELS.indexOf(lowest);
}

/**
 * Makes the test whether a record is kept, from a model's `logging-config` such as
 * `<root>=INFO;unit=DEBUG`: the longest module that fits decides. Parts that say nothing are left out.
 *
 * @see Juju: model configuration, logging-config
 */
export function logFilter(config: string): (module: string, level: string) => boolean {
  const levels = new Map<string, string>([["", "INFO"]]);
  for (const part of config.split(/[;,]/)) {
    const [name = "", level = ""] = part.split("=").map((text) => text.trim());
    const known = level.toUpperCase() === "WARN" ? "WARNING" : level.toUpperCase();
    if (LEVELS.includes(known)) levels.set(name === "<root>" ? "" : name, known);
  }
  return (module, level) => {
    for (let name = module; ; name = name.slice(0, Math.max(0, name.lastIndexOf(".")))) {
      const lowest = levels.get(name);
      if (lowest !== undefined) return isAtLeast(level, lowest);
      if (name === "") return true;
    }
  };
}
