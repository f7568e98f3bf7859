import type { Merged } from "../config/directory.ts";
import { answerText, type Handler } from "../proxy/exchange.ts";

/** What the API tells: whether each part of the configuration is in use. */
export interface ApiState {
  merged(): Merged;
  disabled(): Readonly<Record<string, string>>;
}

const JSON_TYPE = [["Content-Type", "application/json"]] as const;

/**
 * The part of Traefik's API that tells the state of routers, services and middlewares:
 * `/api/http/<kind>/<name>@file`. For tests; it has no lists and no dashboard.
 */
export function api(state: ApiState): Handler {
  return async (exchange) => {
    const [, kind = "", name = ""] =
      /^\/api\/http\/(routers|services|middlewares)\/(.+)@file$/.exec(exchange.target.path) ?? [];
    const table = (state.merged() as unknown as Record<string, Record<string, object>>)[kind];
    const found = table && Object.hasOwn(table, name) ? table[name] : undefined;
    if (!found) return answerText(exchange, 404, "404 page not found\n");
    const fault = kind === "routers" ? state.disabled()[name] : undefined;
    const body = {
      ...found,
      ...(fault === undefined ? {} : { error: [fault] }),
      status: fault === undefined ? "enabled" : "disabled",
      name: `${name}@file`,
      provider: "file",
    };
    answerText(exchange, 200, JSON.stringify(body), JSON_TYPE);
  };
}
