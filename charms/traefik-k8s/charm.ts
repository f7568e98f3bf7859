import { active, blocked, type Context, type Status, waiting, worst } from "charmed-iap/charm";
import { certificates, VERSION_1 } from "charmed-iap/interfaces/certificate_transfer/v1";
import { type Cluster, inCluster } from "charmed-iap/kubernetes";
import { type Gateway, gateway } from "./address.ts";
import { gatewayTls, type Tls } from "./certificates.ts";
import { contract } from "./contract.ts";
import { annotations, type Publishing, publishService, withdrawService } from "./load-balancer.ts";
import { type DecisionPoint, type Remembered, remember } from "./protection.ts";
import { allRoutes, type Routes } from "./routes.ts";
import {
  DIAGNOSTICS_PORT,
  plan,
  touchesAuthorities,
  versionIn,
  WEB_PORT,
  WEBSECURE_PORT,
} from "./workload.ts";

type Ctx = Context<typeof contract.contract>;

function decisionPoint({ relations }: Ctx): DecisionPoint | undefined {
  const relation = relations["experimental-forward-auth"];
  if (relation.state !== "ready") return undefined;
  const { app_names: apps, decisions_address: address, headers } = relation.data;
  return { relationId: relation.id, address, apps, headers };
}

const remembered = ({ relations: { peers } }: Ctx): Remembered =>
  peers.state === "ready" ? (peers.data.protected ?? {}) : {};

/** What of the options keeps the gateway from working, or nothing. */
function misconfigured({ config }: Ctx): Status | undefined {
  if (config.routing_mode === "subdomain" && config.external_hostname === undefined) {
    return blocked('"external_hostname" must be set while using routing mode "subdomain"');
  }
  if (annotations(config.loadbalancer_annotations) === undefined) {
    return blocked("config: loadbalancer_annotations must be key=value pairs, separated by commas");
  }
  return undefined;
}

function publishingStatus(publishing: Publishing, { config }: Ctx): Status {
  if (!publishing.ok) {
    return publishing.reason === "untrusted"
      ? blocked("Kubernetes refuses the Service: juju trust this application")
      : blocked(`Kubernetes does not answer: ${publishing.detail}`);
  }
  if (publishing.published.address !== undefined) return active();
  return config.external_hostname === undefined
    ? blocked("Traefik load balancer is unable to obtain an IP or hostname from the cluster.")
    : waiting("Load balancer service has not yet obtained an external address.");
}

function protectionStatus({ config, relations }: Ctx, names: Remembered): Status {
  const count = Object.keys(names).length;
  if (count === 0) return active();
  const what =
    count === 1 ? "1 protected application is closed" : `${count} protected applications are closed`;
  if (!config.enable_experimental_forward_auth) {
    return blocked(`${what}: set enable_experimental_forward_auth, or run release-protection`);
  }
  const point = relations["experimental-forward-auth"];
  if (point.state === "missing") {
    return blocked(`${what}: relate experimental-forward-auth, or run release-protection`);
  }
  return point.state === "ready" ? active() : worst([point.status]);
}

/** Single relations whose other side says nonsense; those of many are among the faults of the routes. */
function invalidRelations({ relations }: Ctx): Status[] {
  const single = [
    relations["experimental-forward-auth"],
    relations.certificates,
    relations["receive-ca-cert"],
  ];
  return single.flatMap((relation) => (relation.state === "invalid" ? [relation.status] : []));
}

function tlsStatus(tls: Tls): Status {
  if (tls.state !== "waiting") return active();
  return tls.denied === undefined
    ? active("Certificate not available yet")
    : blocked(`certificates: request refused: ${tls.denied}`);
}

/** Tells every application its URL. While TLS is promised and not there, what was said stays as it is. */
function publishRoutes({ relations, config }: Ctx, routes: Routes, at: Gateway, tls: Tls): void {
  if (config.enable_experimental_forward_auth) {
    relations["experimental-forward-auth"].publish({ ingress_app_names: [...routes.apps] });
  }
  if (tls.state === "waiting") return;
  for (const relation of relations.ingress.all) {
    const url = routes.urls.get(relation.id);
    if (url === undefined) relation.withdraw();
    else relation.publish({ ingress: { url } });
  }
  relations["traefik-route"].publish({ external_host: at.authority, scheme: at.scheme });
}

/** Makes the container serve these routes; a change of the authorities renews its trust store first. */
async function serve(
  { containers: { traefik }, relations }: Ctx,
  routes: Routes["files"],
  at: Gateway | undefined,
  tls: Tls,
) {
  const { files } = await traefik.apply(
    plan({
      routes,
      httpsPort: tls.state === "ready" ? at?.httpsPort : undefined,
      certificate: tls.state === "ready" ? tls.certificate : undefined,
      authorities: certificates(relations["receive-ca-cert"]),
      path: traefik.path,
    }),
  );
  if (!touchesAuthorities(files)) return;
  await traefik.exec(["update-ca-certificates", "--fresh"]);
  await traefik.restart("traefik");
}

async function reconcile(ctx: Ctx, open: () => Cluster): Promise<Status> {
  const { app, config, leader, relations, containers } = ctx;
  ctx.setPorts(WEB_PORT, WEBSECURE_PORT, DIAGNOSTICS_PORT);
  relations["receive-ca-cert"].publish(VERSION_1);
  const point = decisionPoint(ctx);
  const names = remember(remembered(ctx), point);
  relations.peers.publish({ protected: { ...names } });

  const wrong = misconfigured(ctx);
  const given = annotations(config.loadbalancer_annotations);
  const publishing = await publishService(open, { app, leader, annotations: given });
  const published = publishing.ok ? publishing.published : undefined;
  const address = (tls: boolean) => gateway({ externalHostname: config.external_hostname, published, tls });
  const tls = await gatewayTls(ctx, address(true)?.host);
  const at = address(tls.state === "ready");

  if (!(await containers.traefik.canConnect())) return waiting("waiting for service: 'traefik'");
  if (wrong || at === undefined) {
    // Without an address nothing new is said and nothing is taken back: URLs must not flap. Routes stay as they are.
    return wrong ?? publishingStatus(publishing, ctx);
  }
  const routes = await allRoutes(ctx, {
    gateway: at,
    mode: config.routing_mode,
    tls: tls.state === "ready",
    point: config.enable_experimental_forward_auth ? point : undefined,
    remembered: names,
    basicAuthUser: config.basic_auth_user,
  });
  await serve(ctx, routes.files, at, tls);
  publishRoutes(ctx, routes, at, tls);
  return worst([
    tls.state === "waiting" ? tlsStatus(tls) : active(`Serving at ${at.scheme}://${at.authority}`),
    publishingStatus(publishing, ctx),
    protectionStatus(ctx, names),
    ...invalidRelations(ctx),
    ...routes.faults.map((fault) => blocked(fault)),
  ]);
}

/** URLs as `{"<app>": {"url": …}}`, JSON text. */
function endpointsText({ app, config, relations }: Ctx): string {
  const own = relations["traefik-route"].all[0]?.published["external_host"] ?? config.external_hostname;
  const scheme = relations["traefik-route"].all[0]?.published["scheme"] ?? "https";
  const urls = relations.ingress.all.flatMap((relation) => {
    const answer = relation.published["ingress"];
    return answer === undefined ? [] : [[relation.remoteApp, JSON.parse(answer) as { url: string }] as const];
  });
  const first = urls[0]?.[1].url;
  const base = first === undefined ? own && `${scheme}://${own}` : new URL(first).origin;
  return JSON.stringify({ ...(base ? { [app]: { url: base } } : {}), ...Object.fromEntries(urls) });
}

/**
 * The charm, with the way to Kubernetes.
 *
 * @param open Connects to the API server; called when the charm needs it.
 */
export const traefik = (open: () => Cluster) =>
  contract.implement({
    /** Runs after every event, on every unit: protection first, then routes, then URLs. */
    reconcile: (ctx) => reconcile(ctx, open),

    on: {
      async "traefik-pebble-ready"({ containers, setWorkloadVersion }) {
        const { stdout } = await containers.traefik.exec(["traefik", "version"]);
        const version = versionIn(stdout);
        if (version) setWorkloadVersion(version);
      },
      async remove({ app, plannedUnits }) {
        if ((await plannedUnits()) === 0) await withdrawService(open, app);
      },
    },

    actions: {
      "show-proxied-endpoints": (ctx) => ({ "proxied-endpoints": endpointsText(ctx) }),
      "show-external-endpoints": (ctx) => ({ "external-endpoints": endpointsText(ctx) }),
      "release-protection"(ctx, { application }, { fail }) {
        if (!ctx.leader) fail("Run this action on the leader");
        const { [application]: relationId, ...rest } = remembered(ctx);
        if (relationId === undefined) return fail(`${application} is not protected`);
        if (decisionPoint(ctx)?.apps.includes(application)) {
          fail(`${application} is protected by its decision point: remove its auth-proxy relation instead`);
        }
        ctx.relations.peers.publish({ protected: rest });
        return { released: application };
      },
    },
  });

export default traefik(inCluster);
