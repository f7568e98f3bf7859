import {
  active,
  blocked,
  type Context,
  inCluster,
  limitStatus,
  type OpenCluster,
  type Status,
  statusOf,
  waiting,
  worst,
} from "charmed-iap/charm";
import { appName, headers } from "charmed-iap/interfaces/auth_proxy/v0";
import { certificates, VERSION_1 } from "charmed-iap/interfaces/certificate_transfer/v1";
import { split } from "charmed-iap/interfaces/forward_auth/v0";
import { contract } from "./contract.ts";
import { reach } from "./cookie-domain.ts";
import { type Protected, refusedEndpoints, rules } from "./rules.ts";
import { callbackUrl, PORT, plan, SCOPE, versionIn } from "./workload.ts";

const GRANT_TYPES = ["authorization_code", "refresh_token"] as const;

type Ctx = Context<typeof contract.contract>;

/** Every application that asked, whether it has said how or not: a gateway must know before it makes the route. */
function applications({ relations }: Ctx): Protected[] {
  return relations["auth-proxy"].all.map((relation) => ({
    name: appName(relation),
    relationId: relation.id,
    ...(relation.state === "ready" ? { wishes: relation.data } : {}),
  }));
}

/** Says what is missing, worst first. */
function statuses(ctx: Ctx, baseUrl: string, protectedApps: readonly Protected[]): Status[] {
  const { relations } = ctx;
  const strangers =
    relations.ingress.ready.length > 0 ? reach(baseUrl, rules(protectedApps)).unreachable : [];
  const names = protectedApps.map(({ name }) => name);
  const routed = relations["forward-auth"].ready.flatMap((gateway) => gateway.data.ingress_app_names);
  const unrouted = relations["forward-auth"].ready.length > 0 ? split(names, routed).unrouted : [];
  return [
    relations.oauth.state === "missing" ? active("oauth: no provider, every request is refused") : active(),
    relations["auth-proxy"].status,
    relations.oauth.status,
    relations.ingress.status,
    relations["forward-auth"].status,
    relations["receive-ca-cert"].state === "invalid" ? relations["receive-ca-cert"].status : active(),
    ...protectedApps.flatMap(({ name, wishes }) =>
      wishes && refusedEndpoints(wishes).length > 0
        ? blocked(`auth-proxy: ${name} asks to open everything, which is refused`)
        : [],
    ),
    ...strangers.slice(0, 1).map((host) => blocked(`auth-proxy: ${host} shares no domain with the sign-in`)),
    ...unrouted.slice(0, 1).map((name) => blocked(`${name} is not related via ingress`)),
  ];
}

async function clientOf({ relations, secrets }: Ctx) {
  const { oauth } = relations;
  if (oauth.state !== "ready" || !oauth.data.client_id || !oauth.data.client_secret_id) return undefined;
  const { secret } = await secrets.get(oauth.data.client_secret_id, { refresh: true });
  return secret && { issuer: oauth.data.issuer_url, id: oauth.data.client_id, secret };
}

function publish(ctx: Ctx, baseUrl: string, protectedApps: readonly Protected[]): void {
  const { app, model, relations, unit } = ctx;
  const ordinal = unit.slice(unit.lastIndexOf("/") + 1);
  relations.ingress.publish({ model, name: app, port: PORT, "strip-prefix": true, "redirect-https": false });
  relations.ingress.publishUnit({ host: `${app}-${ordinal}.${app}-endpoints.${model}.svc.cluster.local` });
  relations["receive-ca-cert"].publish(VERSION_1);
  relations.oauth.publish({
    redirect_uri: callbackUrl(baseUrl),
    scope: SCOPE,
    grant_types: [...GRANT_TYPES],
    audience: [],
    token_endpoint_auth_method: "client_secret_basic",
  });
  relations["forward-auth"].publish({
    decisions_address: `http://${app}.${model}.svc.cluster.local:${PORT}`,
    app_names: [...new Set(protectedApps.map(({ name }) => name))].sort(),
    headers: headers(relations["auth-proxy"].ready.map(({ data }) => data)),
  });
}

const JWT_WITHOUT_CLIENT = blocked(
  "Please connect the `oauth` integration or disable the `enable_jwt_bearer_tokens` config.",
);

/** Loads what it needs when it is needed: once in the life of a deployment. */
function newCookieSecret(): string {
  return process.getBuiltinModule("node:crypto").randomBytes(32).toString("base64url");
}

/** Configures the workload. Rules are written whatever else is missing, so that none outlives its reason. */
async function configure(ctx: Ctx, baseUrl: string, protectedApps: readonly Protected[]): Promise<Status> {
  const { config, containers, relations, secrets } = ctx;
  const cookie = await secrets.ensure("cookie-secret", () => ({ secret: newCookieSecret() }));
  const cookieSecret = cookie?.content["secret"];
  if (cookieSecret === undefined) return waiting("waiting for the leader to make the cookie secret");
  const container = containers["oauth2-proxy"];
  if (!(await container.canConnect())) return waiting("Waiting to connect to OAuth2-Proxy container");
  const file = rules(protectedApps);
  let unreadable: Status | undefined;
  const client = await clientOf(ctx).catch((error: unknown) => {
    unreadable = known(error);
    return undefined;
  });
  await container.apply(
    plan({
      baseUrl,
      cookieSecret,
      cookieDomain: reach(baseUrl, file).domain,
      dev: config.dev,
      jwtBearerTokens: config.enable_jwt_bearer_tokens,
      setAuthorizationHeader: config.set_authorization_header,
      rules: file,
      authorities: certificates(relations["receive-ca-cert"]),
      path: container.path,
      ...(client === undefined ? {} : { client }),
    }),
  );
  if (unreadable) return unreadable;
  return config.enable_jwt_bearer_tokens && !client ? JWT_WITHOUT_CLIENT : active();
}

/** An expected fault as a status, so that what the gateways are told is sent all the same. */
function known(error: unknown): Status {
  const status = statusOf(error);
  if (!status) throw error;
  return status;
}

/**
 * The charm, with the way to Kubernetes.
 *
 * @param open Connects to the API server; called when `cpu` or `memory` is set.
 */
export const oauth2Proxy = (open: OpenCluster) =>
  contract.implement({
    /** Runs after every event, on every unit: tells gateways whom to protect before anything else. */
    async reconcile(ctx) {
      const { app, model, relations } = ctx;
      const protectedApps = applications(ctx);
      const baseUrl =
        relations.ingress.ready[0]?.data.ingress.url.replace(/\/+$/, "") ??
        `http://${app}.${model}.svc.cluster.local:${PORT}`;
      publish(ctx, baseUrl, protectedApps);
      ctx.setPorts(PORT);
      const resources = await limitStatus(ctx, "oauth2-proxy", open);
      const configured = await configure(ctx, baseUrl, protectedApps).catch(known);
      return worst([
        ...(configured.name === "active" ? [] : [configured]),
        ...statuses(ctx, baseUrl, protectedApps),
        resources,
      ]);
    },

    on: {
      async "oauth2-proxy-pebble-ready"({ containers, setWorkloadVersion }) {
        const { stdout } = await containers["oauth2-proxy"].exec(["/bin/oauth2-proxy", "--version"]);
        const version = versionIn(stdout);
        if (version) setWorkloadVersion(version);
      },
    },

    actions: {
      async "get-extra-jwt-issuers"({ config, containers, relations }, _params, { fail }) {
        const container = containers["oauth2-proxy"];
        if (!(await container.canConnect()) || !(await container.running("oauth2-proxy"))) {
          fail("Service is not ready. Please re-run the action when the charm is active");
        }
        if (!config.enable_jwt_bearer_tokens) fail("`enable_jwt_bearer_tokens` is not enabled");
        const { oauth } = relations;
        if (oauth.state !== "ready") {
          const known = oauth.state === "pending" && oauth.raw["issuer_url"] !== undefined;
          return fail(known ? "The client ID is not set" : "The issuer URL is not set");
        }
        const { issuer_url: issuer, client_id: audience } = oauth.data;
        if (!audience) return fail("The client ID is not set");
        return { "extra-jwt-issuers": [{ "oidc-issuer-url": issuer, audience }] };
      },
    },
  });

export default oauth2Proxy(inCluster);
