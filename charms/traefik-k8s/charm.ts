import { active, blocked, type Context, type Status, statusOf, waiting, worst } from "charmed-iap/charm";
import { certificates, VERSION_1 } from "charmed-iap/interfaces/certificate_transfer/v1";
import { type Cluster, inCluster } from "charmed-iap/kubernetes";
import { type Gateway, gateway, hostFault } from "./address.ts";
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

/** What of the options keeps the gateway from changing its address, or nothing. */
function misconfigured({ config }: Ctx): Status | undefined {
  const { external_hostname: hostname, routing_mode: mode } = config;
  if (mode !== "path" && mode !== "subdomain") return blocked(`invalid routing mode: ${mode}; see logs.`);
  if (mode === "subdomain" && hostname === undefined) {
    return blocked('"external_hostname" must be set while using routing mode "subdomain"');
  }
  if (hostname !== undefined && hostFault(hostname) !== undefined) {
    return blocked(`invalid hostname: ${hostname}; see logs.`);
  }
  return undefined;
}

/** Options that are wrong without a bearing on the address. */
function optionFaults({ config }: Ctx): Status[] {
  return [
    ...(annotations(config.loadbalancer_annotations) === undefined
      ? [blocked("config: loadbalancer_annotations must be key=value pairs, separated by commas")]
      : []),
    ...(isBasicAuthUser(config.basic_auth_user)
      ? []
      : [
          blocked(
            "config: basic_auth_user must be name:hash as htpasswd prints it; until then routes are closed",
          ),
        ]),
  ];
}

/** What Traefik cannot read would switch off the routers that ask for it. */
const isBasicAuthUser = (text: string | undefined): boolean =>
  text === undefined || /^[^:\s]+:\S+$/.test(text);

function publishingStatus(publishing: Publishing, { config }: Ctx): Status {
  if (!publishing.ok) {
    return publishing.reason === "untrusted"
      ? blocked(`Kubernetes refuses the Service: ${publishing.detail}`)
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
function publishUrls({ relations }: Ctx, routes: Routes, at: Gateway, tls: Tls): void {
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

/** Where and how to serve. */
interface Place {
  readonly gateway: Gateway;
  readonly mode: "path" | "subdomain";
}

/** Where this unit served last: what it goes on with while there is no address, or a wrong option. */
function placeBefore({ relations: { peers }, unit }: Ctx): Place | undefined {
  const own = peers.units.find((one) => one.unit === unit);
  const served = own?.state === "ready" ? own.data.served : undefined;
  if (!served) return undefined;
  const { mode, ...before } = served;
  return { gateway: before, mode };
}

/** Every route; none before the gateway ever had an address. */
async function routesAt(
  ctx: Ctx,
  place: Place | undefined,
  o: { readonly tls: Tls; readonly point: DecisionPoint | undefined; readonly names: Remembered },
): Promise<Routes> {
  if (!place) return { files: {}, urls: new Map(), apps: [], faults: [] };
  const { basic_auth_user: user, enable_experimental_forward_auth: on } = ctx.config;
  return allRoutes(ctx, {
    ...place,
    tls: o.tls.state === "ready",
    point: on ? o.point : undefined,
    remembered: o.names,
    basicAuthUser: user,
    closed: !isBasicAuthUser(user),
  });
}

/** A workload that does not start is a status; what the relations were told must be sent all the same. */
function knownStatus(error: unknown): Status {
  const status = statusOf(error);
  if (!status) throw error;
  return status;
}

async function reconcile(ctx: Ctx, open: () => Cluster): Promise<Status> {
  const { app, config, leader, relations, containers } = ctx;
  ctx.setPorts(WEB_PORT, WEBSECURE_PORT, DIAGNOSTICS_PORT);
  // Who was protected cannot be read: forgetting it would open routes, so everything stays as it is.
  if (relations.peers.state === "invalid") return relations.peers.status;
  relations["receive-ca-cert"].publish(VERSION_1);
  const point = decisionPoint(ctx);
  const names = remember(remembered(ctx), point);
  relations.peers.publish({ protected: { ...names } });

  const wrong = misconfigured(ctx);
  const given = annotations(config.loadbalancer_annotations);
  const publishing = await publishService(open, { app, leader, annotations: given });
  const published = publishing.ok ? publishing.published : undefined;
  const before = placeBefore(ctx);
  const addressNow = (tls: boolean) =>
    wrong ? undefined : gateway({ externalHostname: config.external_hostname, published, tls });
  const tls = await gatewayTls(ctx, addressNow(true)?.host ?? before?.gateway.host);
  const now = addressNow(tls.state === "ready");
  const mode = config.routing_mode === "subdomain" ? "subdomain" : "path";
  const place = now ? ({ gateway: now, mode } as const) : before;

  if (!(await containers.traefik.canConnect())) return waiting("waiting for service: 'traefik'");
  const routes = await routesAt(ctx, place, { tls, point, names });
  const failed = await serve(ctx, routes.files, place?.gateway, tls).then(() => undefined, knownStatus);
  if (config.enable_experimental_forward_auth) {
    relations["experimental-forward-auth"].publish({ ingress_app_names: [...routes.apps] });
  }
  // Without an address nothing new is said and nothing is taken back: URLs must not flap.
  if (now) {
    publishUrls(ctx, routes, now, tls);
    relations.peers.publishUnit({ served: { mode, ...now } });
  }
  return worst([
    tls.state === "waiting" || !now ? tlsStatus(tls) : active(`Serving at ${now.scheme}://${now.authority}`),
    ...(failed ? [failed] : []),
    ...(wrong ? [wrong] : [...optionFaults(ctx), publishingStatus(publishing, ctx)]),
    protectionStatus(ctx, names),
    ...invalidRelations(ctx),
    ...routes.faults.map((fault) => blocked(fault)),
  ]);
}

/** URLs as `{"<app>": {"url": …}}`, JSON text; those of applications are known to the leader only. */
function endpointsText(ctx: Ctx): string {
  const at = placeBefore(ctx)?.gateway;
  if (!at) return "{}";
  const urls = ctx.relations.ingress.all.flatMap(({ published, remoteApp }) => {
    const answer = published["ingress"];
    return answer === undefined ? [] : [[remoteApp, JSON.parse(answer) as { url: string }] as const];
  });
  return JSON.stringify({
    [ctx.app]: { url: `${at.scheme}://${at.authority}` },
    ...Object.fromEntries(urls),
  });
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
