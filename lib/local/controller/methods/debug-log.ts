import type { DebugLogParams, LogLine } from "../../api.ts";
import { isAtLeast } from "../log-levels.ts";
import { type MethodTable, nothing } from "./method.ts";

/** `web/0` → `unit-web-0`; `web` and globs match whole names. */
function entityPattern(text: string): RegExp {
  const unit = /^([a-z][a-z0-9-]*)\/(\d+|\*)$/.exec(text);
  const tag = unit ? `unit-${unit[1]}-${unit[2]}` : text;
  const escaped = tag.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
  const isTag = /^(unit|machine|controller|application)-/.test(tag);
  return new RegExp(isTag ? `^${escaped}$` : `^(unit-${escaped}-\\d+|${escaped})$`);
}

function inModule(module: string, names: readonly string[]): boolean {
  return names.some((name) => module === name || module.startsWith(`${name}.`));
}

/** The lines that the flags of `juju debug-log` let through. */
export function lineFilter(params: DebugLogParams): (line: LogLine) => boolean {
  const include = (params.include ?? []).map(entityPattern);
  const exclude = (params.exclude ?? []).map(entityPattern);
  const { includeModule = [], excludeModule = [], level = "TRACE" } = params;
  return (line) =>
    isAtLeast(line.level, level) &&
    (include.length === 0 || include.some((pattern) => pattern.test(line.entity))) &&
    !exclude.some((pattern) => pattern.test(line.entity)) &&
    (includeModule.length === 0 || inModule(line.module, includeModule)) &&
    !inModule(line.module, excludeModule);
}

export const debugLog: MethodTable<"debugLog"> = {
  debugLog: ({ controller, params, progress, signal }) => {
    const host = controller.model(params.model);
    const matches = lineFilter(params);
    const past = controller.store.log(host.uuid).filter(matches);
    const { limit = Number.POSITIVE_INFINITY, lines = 10 } = params;
    const first = params.replay ? past : lines > 0 ? past.slice(-lines) : [];
    let sent = 0;
    for (const line of first.slice(0, limit)) {
      sent += 1;
      progress(line);
    }
    if (!params.follow || sent >= limit) return nothing;
    return new Promise((resolve) => {
      const end = (): void => {
        host.removeListener("log", tell);
        resolve(nothing);
      };
      const tell = (line: LogLine): void => {
        if (!matches(line)) return;
        sent += 1;
        progress(line);
        if (sent >= limit) end();
      };
      host.on("log", tell);
      signal.addEventListener("abort", end, { once: true });
    });
  },
};
