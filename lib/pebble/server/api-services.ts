import { constants } from "node:os";
import { LayerError } from "../errors.ts";
import type { NewTask } from "./changes.ts";
import type { Daemon } from "./daemon.ts";
import {
  type ApiRequest,
  type ApiResponse,
  async,
  listParameter,
  Refusal,
  readJson,
  sync,
  textOf,
  textsOf,
} from "./respond.ts";

/** GET /v1/services */
export function getServices(daemon: Daemon, { query }: ApiRequest): ApiResponse {
  return sync(daemon.services.list(listParameter(query, "names")));
}

/** POST /v1/services */
export function postServices(daemon: Daemon, request: ApiRequest): ApiResponse {
  const payload = readJson(request, "data from request body");
  const action = textOf(payload["action"]);
  const names = namesFor(daemon, action, textsOf(payload["services"]));
  const { tasks, affected } = planned(daemon, action, names);
  if (action === "replan") daemon.checks.replan();
  const shown = action === "replan" ? affected : names;
  const summary = summarise(action, tasks, shown, affected.length);
  return async(daemon.changes.start({ kind: action, summary, tasks, services: shown }));
}

function namesFor(daemon: Daemon, action: string, given: readonly string[]): readonly string[] {
  if (action !== "replan" && action !== "autostart") {
    if (given.length === 0) throw new Refusal(400, `must specify services for ${action} action`);
    return given;
  }
  if (given.length > 0) throw new Refusal(400, `${action} accepts no service names`);
  if (action === "replan") return [];
  const enabled = daemon.services.enabled();
  if (enabled.length === 0) throw new Refusal(400, "no default services", "no-default-services");
  return enabled;
}

interface Planned {
  readonly tasks: readonly NewTask[];
  readonly affected: readonly string[];
}

function planned(daemon: Daemon, action: string, names: readonly string[]): Planned {
  try {
    return plan(daemon, action, names);
  } catch (error) {
    if (error instanceof LayerError) throw new Refusal(400, `cannot ${action} services: ${error.message}`);
    throw error;
  }
}

function plan({ services }: Daemon, action: string, names: readonly string[]): Planned {
  switch (action) {
    case "start":
    case "autostart": {
      const start = services.startLanes(names);
      return { tasks: services.tasks([], start), affected: start.flat() };
    }
    case "stop": {
      const stop = services.stopLanes(names);
      return { tasks: services.tasks(stop, []), affected: stop.flat() };
    }
    case "restart": {
      const lanes = services.stopLanes(names).map((lane) => lane.filter((name) => names.includes(name)));
      const start = services.startLanes(names);
      return {
        tasks: services.tasks(
          lanes.filter((lane) => lane.length > 0),
          start,
        ),
        affected: start.flat(),
      };
    }
    case "replan": {
      const { stop, start } = services.replanLanes();
      return {
        tasks: services.tasks(stop, start),
        affected: [...new Set([...stop.flat(), ...start.flat()])].sort(),
      };
    }
    default:
      throw new Refusal(400, `invalid action "${action}"`);
  }
}

function summarise(
  action: string,
  tasks: readonly NewTask[],
  names: readonly string[],
  count: number,
): string {
  const title = action.charAt(0).toUpperCase() + action.slice(1);
  if (tasks.length === 0) return `${title} - no services`;
  return `${title} service "${names[0]}"${count > 1 ? ` and ${count - 1} more` : ""}`;
}

/** /v1/services/{name}, which Pebble has and does not serve. */
export function serviceNotImplemented(): ApiResponse {
  throw new Refusal(400, "not implemented");
}

/** POST /v1/signals */
export function postSignals(daemon: Daemon, request: ApiRequest): ApiResponse {
  const payload = readJson(request, "request body");
  const services = textsOf(payload["services"]);
  const signal = textOf(payload["signal"]);
  if (services.length === 0) throw new Refusal(400, "must specify one or more services");
  const faults = daemon.services.signal(services, signal, Object.hasOwn(constants.signals, signal));
  if (faults.length > 0) throw new Refusal(500, faults.join("; "));
  return sync(true);
}
