/** Protected application → id of the relation that last named it. */
export type Remembered = Readonly<Record<string, number>>;

/** The decision point, as far as it has said where it is. */
export interface DecisionPoint {
  readonly relationId: number;
  readonly address: string;
  readonly apps: readonly string[];
  /** Answer headers that go onto the request. */
  readonly headers: readonly string[];
}

/**
 * Whom to protect from now on. A name that was ever listed stays, whatever becomes of the relation, its units
 * or the option; it leaves when the relation that last named it publishes a list without it.
 */
export function remember(before: Remembered, point: DecisionPoint | undefined): Remembered {
  const kept = Object.entries(before).filter(
    ([app, relationId]) => point === undefined || relationId !== point.relationId || point.apps.includes(app),
  );
  const listed = (point?.apps ?? []).map((app) => [app, point?.relationId ?? -1] as const);
  return Object.fromEntries([...kept, ...listed].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** How requests to one application are treated. */
export type Treatment = "open" | "ask" | "closed";

/**
 * @param options.names What the application is called: by itself, and on this side.
 * @param options.required The application says that its route must never be open.
 * @param options.point The decision point, if one can be asked: related, with an address, and the option is on.
 */
export function treatment(options: {
  readonly names: readonly string[];
  readonly required: boolean;
  readonly remembered: Remembered;
  readonly point: DecisionPoint | undefined;
}): Treatment {
  const isProtected = options.names.some((name) => Object.hasOwn(options.remembered, name));
  if (!isProtected) return options.required ? "closed" : "open";
  return options.point === undefined ? "closed" : "ask";
}

/** Headers that say who is calling; nobody but the decision point may set them. */
export const IDENTITY_HEADERS = [
  "X-Auth-Request-User",
  "X-Auth-Request-Email",
  "X-Auth-Request-Groups",
  "X-Auth-Request-Preferred-Username",
  "X-Auth-Request-Access-Token",
  "X-Forwarded-User",
  "X-Forwarded-Email",
  "X-Forwarded-Groups",
  "X-Forwarded-Preferred-Username",
  "X-Forwarded-Access-Token",
  "X-User",
  "X-Email",
  "X-Name",
  "Gap-Auth",
  "Gap-Signature",
] as const;

/** Headers the gateway copies from an answer; all others of the list go from the request, so none can be forged. */
export function copiedHeaders(point: DecisionPoint): string[] {
  const names = new Map([...IDENTITY_HEADERS, ...point.headers].map((name) => [name.toLowerCase(), name]));
  return [...names.values()].filter((name) => /^[A-Za-z0-9-]+$/.test(name)).sort();
}
