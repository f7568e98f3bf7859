import type { Context } from "charmed-iap/charm";
import { prefix } from "charmed-iap/interfaces/ingress/v2";
import { parseConfig } from "charmed-iap/interfaces/traefik_route/v0";
import type { contract } from "./contract.ts";
import type { DynamicConfig } from "./dynamic.ts";
import { foreignRoutes, type Taken } from "./foreign-routes.ts";
import { type Application, ingressRoutes, routeFault, type Surroundings, urlOf } from "./ingress-routes.ts";
import { type DecisionPoint, type Remembered, treatment } from "./protection.ts";

type Ctx = Context<typeof contract.contract>;

/** What the routes are made from, beside the relations. */
export interface RoutesInput extends Surroundings {
  readonly remembered: Remembered;
  /** The decision point as related, also when the option is off. */
  readonly point: DecisionPoint | undefined;
  /** No application's route may be open, whoever asks. */
  readonly closed: boolean;
}

/** All routes, and what was refused. */
export interface Routes {
  /** Name of a file → content. */
  readonly files: Readonly<Record<string, DynamicConfig>>;
  /** Relation id → URL to publish. */
  readonly urls: ReadonlyMap<number, string>;
  /** Names of all applications that are routed, sorted. */
  readonly apps: readonly string[];
  /** `endpoint: what is wrong`, one a relation. */
  readonly faults: readonly string[];
}

const fileName = (endpoint: string, id: number, app: string): string =>
  `juju_ingress_${endpoint}_${id}_${app.replace(/[^a-z0-9-]/gi, "-")}`;

function applications(
  { relations }: Ctx,
  input: RoutesInput,
): { apps: Map<number, Application>; faults: string[] } {
  const apps = new Map<number, Application>();
  const faults: string[] = [];
  const prefixes = new Set<string>();
  for (const relation of relations.ingress.all) {
    if (relation.state === "invalid") faults.push(relation.status.message);
    if (relation.state !== "ready") continue;
    const { id, data, remoteApp, units } = relation;
    const name = prefix(data);
    const fault =
      routeFault({ data, units }) ?? (prefixes.has(name) ? `${name} is routed for another application` : "");
    if (fault) {
      faults.push(`ingress: ${remoteApp}: ${fault}`);
      continue;
    }
    prefixes.add(name);
    const { remembered, point } = input;
    const required = data["require-forward-auth"] === true;
    const names = [data.name, remoteApp];
    apps.set(id, {
      relationId: id,
      data,
      units,
      treatment: input.closed ? "closed" : treatment({ names, required, remembered, point }),
    });
  }
  return { apps, faults };
}

const hostsOf = ({ data, units }: Application): string[] => [
  `${data.name}.${data.model}.svc.cluster.local`,
  ...units.flatMap((unit) => (unit.state === "ready" ? [unit.data.host, unit.data.ip ?? ""] : [])),
];

/** Short forms of a cluster name lead to the same place. */
const forms = (host: string): string[] => {
  const short = host.toLowerCase().replace(/\.svc\.cluster\.local\.?$/, "");
  return short === host.toLowerCase() ? [short] : [host.toLowerCase(), short, `${short}.svc`];
};

function taken(files: Readonly<Record<string, DynamicConfig>>, apps: Iterable<Application>): Taken {
  const closed = [...apps].filter((app) => app.treatment !== "open");
  return {
    names: new Set(
      Object.values(files).flatMap(({ http }) => Object.values(http ?? {}).flatMap(Object.keys)),
    ),
    protectedHosts: new Set(
      closed
        .flatMap(hostsOf)
        .flatMap(forms)
        .filter((host) => host !== ""),
    ),
  };
}

/** Makes every route from the relations. Each relation is judged by itself: one bad one takes nothing from others. */
export async function allRoutes(ctx: Ctx, input: RoutesInput): Promise<Routes> {
  const { apps, faults } = applications(ctx, input);
  const files: Record<string, DynamicConfig> = {};
  const urls = new Map<number, string>();
  const names = new Set<string>();
  for (const relation of ctx.relations.ingress.all) {
    const app = apps.get(relation.id);
    if (!app) continue;
    files[fileName("ingress", relation.id, relation.remoteApp)] = ingressRoutes(app, input);
    urls.set(relation.id, urlOf(input, app.data));
    names.add(app.data.name);
  }
  for (const relation of ctx.relations["traefik-route"].all) {
    if (relation.state === "invalid") faults.push(relation.status.message);
    if (relation.state !== "ready") continue;
    const { id, remoteApp: app, data } = relation;
    const parsed = await parseConfig(data.config);
    const refused = data.static === undefined ? undefined : "static configuration is not taken";
    const vetted = parsed.ok
      ? foreignRoutes(
          {
            relationId: id,
            app,
            config: parsed.config,
            raw: data.raw,
            treatment: treatment({
              names: [app],
              required: false,
              remembered: input.remembered,
              point: input.point,
            }),
          },
          { ...input, taken: taken(files, apps.values()) },
        )
      : { ok: false as const, fault: `config: ${parsed.issues[0]?.message}` };
    if (refused) faults.push(`traefik-route: ${app}: ${refused}`);
    if (!vetted.ok) {
      faults.push(`traefik-route: ${app}: ${vetted.fault}`);
      continue;
    }
    files[fileName("traefik-route", id, app)] = vetted.file;
    names.add(app);
  }
  return { files, urls, apps: [...names].sort(), faults };
}
