import { randomBytes } from "node:crypto";
import {
  active,
  blocked,
  type Context,
  inCluster,
  limitStatus,
  type OpenCluster,
  type Status,
  waiting,
  worst,
} from "charmed-iap/charm";
import { endpoints, secretLabel } from "charmed-iap/interfaces/oauth/v0";
import { externalUrl, hostName } from "charmed-iap/interfaces/traefik_route/v0";
import { ExecError } from "charmed-iap/pebble";
import { actions } from "./actions.ts";
import { contract } from "./contract.ts";
import { peerWith, type Registered, register, registeredIn, unregister } from "./registration.ts";
import { publicRoutes } from "./routes.ts";
import { ADMIN_PORT, PUBLIC_PORT, plan, versionIn } from "./workload.ts";

type Ctx = Context<typeof contract.contract>;

/** The newest key of an application secret; made once, by the leader. */
async function keyOf({ secrets, now }: Ctx, kind: "system" | "cookie") {
  const seconds = Math.floor(now() / 1000);
  const make = () => ({ [`${kind}-${seconds}-000`]: randomBytes(16).toString("hex") });
  const secret = await secrets.ensure(`${kind}secret`, make);
  const [newest] = Object.keys(secret?.content ?? {})
    .sort()
    .reverse();
  return newest === undefined ? undefined : secret?.content[newest];
}

/** Whether the image is the stand-in, which brings its own database; asked once per container start. */
async function isStandIn({ containers, state }: Ctx): Promise<boolean> {
  const known = await state.get("image");
  if (known !== undefined) return known === "stand-in";
  const { stdout } = await containers.hydra.exec(["hydra", "version"]);
  const image = stdout.includes("stand-in") ? "stand-in" : "upstream";
  state.set("image", image);
  return image === "stand-in";
}

/** What keeps the provider from running, or nothing. */
async function obstacle(ctx: Ctx, publicUrl: string | undefined): Promise<Status | undefined> {
  const { config, containers, relations } = ctx;
  if (!(await containers.hydra.canConnect())) return waiting("Container is not connected yet");
  if (relations.hydra.state === "missing") return waiting("Missing integration hydra");
  if (!(await isStandIn(ctx))) return blocked("Missing integration pg-database");
  if ((await ctx.plannedUnits()) > 1)
    return blocked("Missing integration pg-database, needed for more than one unit");
  if (relations["public-route"].all.length === 0)
    return blocked("Missing required relation with public-route");
  if (publicUrl === undefined) {
    const { status } = relations["public-route"];
    return status.name === "blocked" ? status : waiting("Waiting for ingress to be ready");
  }
  if (publicUrl.startsWith("http:") && !config.dev) {
    return blocked(
      "Requires a secure (HTTPS) public ingress. Either enable HTTPS on public ingress or set 'dev' config to true for local development.",
    );
  }
  return undefined;
}

/** Tells every related application where the provider is, and gives each its client. For the leader. */
async function serveClients({ app, config, containers, model, relations, secrets }: Ctx, publicUrl: string) {
  const info = endpoints({
    publicUrl,
    adminUrl: `http://${app}.${model}.svc.cluster.local:${ADMIN_PORT}`,
    jwtAccessTokens: config.jwt_access_tokens,
  });
  const peer = relations.hydra.state === "ready" ? relations.hydra.data : {};
  const known = registeredIn(peer);
  const kept = new Map<number, Registered>();
  for (const relation of relations.oauth.all) {
    const before = known.get(relation.id);
    if (relation.state !== "ready") {
      relation.publish(info);
      if (before) kept.set(relation.id, before);
      continue;
    }
    const { id: relationId, remoteApp, data } = relation;
    const wanted = { relationId, remoteApp, data, known: before };
    const client = await register(containers.hydra, secrets, wanted);
    if (!client) continue;
    const { secret, ...record } = client;
    kept.set(relation.id, record);
    secrets.grant(secret, relation);
    relation.publish({ ...info, client_id: client.client_id, client_secret_id: secret.id });
  }
  for (const [gone, { client_id }] of known) {
    if (kept.has(gone)) continue;
    await unregister(containers.hydra, client_id);
    const secret = await secrets.byLabel(secretLabel(gone));
    if (secret) secrets.remove(secret);
  }
  relations.hydra.publish(peerWith(peer, kept));
}

/** Asks for its routes, runs the provider, and registers who asks. */
async function reconcile(ctx: Ctx): Promise<Status> {
  const { app, config, containers, leader, model, relations } = ctx;
  ctx.setPorts(PUBLIC_PORT, ADMIN_PORT);
  const gateway = relations["public-route"].ready[0]?.data;
  const publicUrl = gateway && externalUrl(gateway);
  const name = gateway && hostName(gateway.external_host);
  relations["public-route"].publish({ raw: true, config: publicRoutes({ app, model, hostName: name }) });
  if (relations["public-route"].all.length === 0) relations.oauth.withdraw();

  const stop = await obstacle(ctx, publicUrl);
  if (stop || publicUrl === undefined) return stop ?? active();
  const [systemSecret, cookieSecret] = [await keyOf(ctx, "system"), await keyOf(ctx, "cookie")];
  if (systemSecret === undefined || cookieSecret === undefined)
    return waiting("Waiting for secrets creation");
  await containers.hydra.apply(
    plan({
      publicUrl,
      systemSecret,
      cookieSecret,
      dev: config.dev,
      logLevel: config.log_level,
      jwtAccessTokens: config.jwt_access_tokens,
      path: containers.hydra.path,
    }),
  );
  if (!leader) return relations.oauth.status;
  try {
    await serveClients(ctx, publicUrl);
  } catch (error) {
    if (!(error instanceof ExecError)) throw error;
    ctx.log.error("cannot register clients", { error: error.message });
    return waiting("Waiting for Hydra service");
  }
  const invalid = relations.oauth.all.filter((relation) => relation.state === "invalid");
  return worst(invalid.map((relation) => relation.status));
}

/**
 * The charm, with the way to Kubernetes.
 *
 * @param open Connects to the API server; called when `cpu` or `memory` is set.
 */
export const hydra = (open: OpenCluster) =>
  contract.implement({
    /** Runs after every event, on every unit. */
    async reconcile(ctx) {
      return worst([await reconcile(ctx), await limitStatus(ctx, "hydra", open)]);
    },

    on: {
      async "hydra-pebble-ready"({ containers, setWorkloadVersion, state }) {
        const { stdout } = await containers.hydra.exec(["hydra", "version"]);
        state.set("image", stdout.includes("stand-in") ? "stand-in" : "upstream");
        const version = versionIn(stdout);
        if (version) setWorkloadVersion(version);
      },
    },

    actions,
  });

export default hydra(inCluster);
