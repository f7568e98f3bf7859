import type { Context, Handlers } from "charmed-iap/charm";
import { ExecError } from "charmed-iap/pebble";
import {
  type ClientSettings,
  clientsOf,
  integrationOf,
  metadataFrom,
  type OauthClient,
  shown,
} from "./clients.ts";
import type { contract } from "./contract.ts";

type Contract = typeof contract.contract;
type Ctx = Context<Contract>;
type Run = { readonly log: (message: string) => void; readonly fail: (message: string) => never };

interface Fields {
  readonly name?: string | undefined;
  readonly contacts?: readonly string[] | undefined;
  readonly metadata?: string | undefined;
  readonly audience?: readonly string[] | undefined;
  readonly scope?: readonly string[] | undefined;
  readonly "grant-types"?: readonly string[] | undefined;
  readonly "redirect-uris"?: readonly string[] | undefined;
  readonly "response-types"?: readonly string[] | undefined;
  readonly "client-uri"?: string | undefined;
  readonly "token-endpoint-auth-method"?: string | undefined;
}

const settingsFrom = (fields: Fields): ClientSettings => ({
  name: fields.name,
  contacts: fields.contacts,
  metadata: fields.metadata === undefined ? undefined : metadataFrom(fields.metadata),
  audience: fields.audience,
  scope: fields.scope,
  grantTypes: fields["grant-types"],
  redirectUris: fields["redirect-uris"],
  responseTypes: fields["response-types"],
  clientUri: fields["client-uri"],
  authMethod: fields["token-endpoint-auth-method"],
});

/** Ends the action unless the service runs. */
async function readyClients({ containers: { hydra } }: Ctx, { fail }: Run) {
  if (!(await hydra.canConnect()) || !(await hydra.running("hydra"))) {
    fail("Service is not ready. Please re-run the action when the charm is active");
  }
  return clientsOf(hydra);
}

/** Runs one command of the provider; what it says goes to the log, the person reads `message`. */
async function orFail<T>({ log }: Ctx, { fail }: Run, message: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof ExecError)) throw error;
    log.error("command failed", { error: error.message });
    return fail(message);
  }
}

const merged = (current: OauthClient, change: ClientSettings): ClientSettings => ({
  name: change.name ?? current.client_name ?? undefined,
  contacts: change.contacts ?? current.contacts ?? undefined,
  metadata: change.metadata ?? current.metadata ?? undefined,
  audience: change.audience ?? current.audience ?? undefined,
  scope: change.scope ?? current.scope?.split(" "),
  grantTypes: change.grantTypes ?? current.grant_types ?? undefined,
  redirectUris: change.redirectUris ?? current.redirect_uris ?? undefined,
  responseTypes: change.responseTypes ?? current.response_types ?? undefined,
  clientUri: change.clientUri ?? (current.client_uri || undefined),
  authMethod: change.authMethod ?? current.token_endpoint_auth_method ?? undefined,
});

/** The actions, in the words and with the failures of the published charm. */
export const actions: Handlers<Contract>["actions"] = {
  async "create-oauth-client"(ctx, params, run) {
    const clients = await readyClients(ctx, run);
    const failure = "Failed to create the OAuth client. Please check the juju logs";
    return shown(await orFail(ctx, run, failure, () => clients.create(settingsFrom(params))));
  },

  async "get-oauth-client-info"(ctx, params, run) {
    const clients = await readyClients(ctx, run);
    const failure = "Failed to get the OAuth client. Please check the juju logs";
    return shown(await orFail(ctx, run, failure, () => clients.get(params["client-id"])));
  },

  async "update-oauth-client"(ctx, params, run) {
    const clients = await readyClients(ctx, run);
    const id = params["client-id"];
    const absent = `Failed to get the OAuth client ${id}. Please check the juju logs`;
    const current = await orFail(ctx, run, absent, () => clients.get(id));
    if (integrationOf(current) !== undefined) {
      run.fail(`Cannot update the OAuth client ${id} because it's managed by an \`oauth\` integration`);
    }
    const failure = `Failed to update the OAuth client ${id}. Please check the juju logs`;
    const settings = merged(current, settingsFrom(params));
    return shown(await orFail(ctx, run, failure, () => clients.update(id, settings)));
  },

  async "delete-oauth-client"(ctx, params, run) {
    const clients = await readyClients(ctx, run);
    const id = params["client-id"];
    const absent = `Failed to get the OAuth client ${id}. Please check the juju logs`;
    const current = await orFail(ctx, run, absent, () => clients.get(id));
    if (integrationOf(current) !== undefined) {
      run.fail(
        `Cannot delete the OAuth client ${id} because it's managed by an \`oauth\` integration. Please remove the integration first to delete it.`,
      );
    }
    const failure = `Failed to delete the OAuth client ${id}. Please check the juju logs`;
    await orFail(ctx, run, failure, () => clients.remove(id));
    return { "client-id": id };
  },

  async "list-oauth-clients"(ctx, _params, run) {
    const clients = await readyClients(ctx, run);
    const failure = "Failed to list OAuth clients. Please check the juju logs";
    const all = await orFail(ctx, run, failure, () => clients.list());
    return { clients: JSON.stringify(all.map(({ client_secret: _secret, ...client }) => client)) };
  },

  async "revoke-oauth-client-access-tokens"(ctx, params, run) {
    const clients = await readyClients(ctx, run);
    const id = params["client-id"];
    const failure = `Failed to revoke the access tokens of the OAuth client ${id}. Please check juju logs`;
    await orFail(ctx, run, failure, () => clients.revokeTokens(id));
    return { "client-id": id };
  },

  async "rotate-key"(ctx, params, run) {
    const clients = await readyClients(ctx, run);
    const failure = "Failed to rotate the JWK. Please check the juju logs";
    const answer = await orFail(ctx, run, failure, () => clients.rotateKey(params.algorithm));
    const { keys } = answer as { keys?: readonly { kid?: string }[] };
    return { "new-key-id": keys?.[0]?.kid ?? "" };
  },

  async "reconcile-oauth-clients"(ctx, _params, run) {
    const clients = await readyClients(ctx, run);
    if (!ctx.leader) run.fail("You need to run this action from the leader unit");
    const failure = "Failed to list OAuth clients. Please check the juju logs";
    const all = await orFail(ctx, run, failure, () => clients.list());
    const related = new Set(ctx.relations.oauth.all.map(({ id }) => String(id)));
    const orphans = all.filter((client) => {
      const integration = integrationOf(client);
      return integration !== undefined && !related.has(integration);
    });
    for (const { client_id: id } of orphans) {
      const failed = `Failed to delete the OAuth client ${id}. Please check the juju logs`;
      await orFail(ctx, run, failed, () => clients.remove(id));
    }
    run.log(`Successfully deleted ${orphans.length} clients`);
  },
};
