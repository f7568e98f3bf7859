import { ApiStatus } from "./errors.ts";

/** What a request is about. */
export interface Target {
  readonly verb: "get" | "list" | "create" | "update" | "patch" | "delete";
  /** API group; empty for the core. */
  readonly group: string;
  readonly namespace: string;
  /** `services`, `configmaps`, `statefulsets`, `namespaces`. */
  readonly resource: string;
  readonly name?: string;
}

const KNOWN = new Set([":services", ":configmaps", "apps:statefulsets", ":namespaces"]);
const VERBS: Readonly<Record<string, Target["verb"]>> = {
  GET: "get",
  POST: "create",
  PUT: "update",
  PATCH: "patch",
  DELETE: "delete",
};

/**
 * Reads method and path.
 *
 * @throws {ApiStatus} 404 for what the local model does not serve, 405.
 */
export function route(method: string, path: string): Target {
  const match =
    /^\/(?:api\/v1|apis\/(?<group>[a-z.]+)\/v1)\/namespaces\/(?<namespace>[^/]+)(?:\/(?<resource>[a-z]+)(?:\/(?<name>[^/]+))?)?$/.exec(
      path,
    );
  const { group = "", namespace = "", resource = "namespaces", name } = match?.groups ?? {};
  if (!match || !KNOWN.has(`${group}:${resource}`)) {
    throw new ApiStatus(404, "NotFound", "the server could not find the requested resource");
  }
  const verb = VERBS[method];
  const whole = resource === "namespaces" ? namespace : name;
  if (!verb || (whole === undefined && !["get", "create"].includes(verb))) {
    throw new ApiStatus(
      405,
      "MethodNotAllowed",
      "the server does not allow this method on the requested resource",
    );
  }
  const of = { group, namespace: decode(namespace), resource };
  if (whole === undefined) return { ...of, verb: verb === "get" ? "list" : verb };
  return { ...of, verb, name: decode(whole) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    throw new ApiStatus(400, "BadRequest", `the path has a broken escape: "${text}"`);
  }
}
