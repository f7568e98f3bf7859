import type { Container } from "charmed-iap/charm";
import * as v from "valibot";
import { ADMIN_PORT } from "./workload.ts";

const strings = v.optional(v.nullable(v.array(v.string())));

const schema = v.looseObject({
  client_id: v.string(),
  client_name: v.optional(v.nullable(v.string())),
  client_secret: v.optional(v.string()),
  client_uri: v.optional(v.nullable(v.string())),
  redirect_uris: strings,
  grant_types: strings,
  response_types: strings,
  audience: strings,
  contacts: strings,
  scope: v.optional(v.nullable(v.string())),
  metadata: v.optional(v.nullable(v.record(v.string(), v.unknown()))),
  token_endpoint_auth_method: v.optional(v.nullable(v.string())),
});

/** An OAuth 2.0 client in the provider's own words. */
export type OauthClient = v.InferOutput<typeof schema>;

/** What a client should be; what is left out is the provider's to choose. */
export interface ClientSettings {
  readonly name?: string | undefined;
  readonly redirectUris?: readonly string[] | undefined;
  readonly grantTypes?: readonly string[] | undefined;
  readonly responseTypes?: readonly string[] | undefined;
  readonly scope?: readonly string[] | undefined;
  readonly audience?: readonly string[] | undefined;
  readonly contacts?: readonly string[] | undefined;
  readonly clientUri?: string | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  readonly authMethod?: string | undefined;
}

const many = (flag: string, values: readonly string[] | undefined): string[] =>
  (values ?? []).flatMap((value) => [flag, value]);
const one = (flag: string, value: string | undefined): string[] => (value === undefined ? [] : [flag, value]);

function options(client: ClientSettings): string[] {
  return [
    ...one("--name", client.name),
    ...many("--redirect-uri", client.redirectUris),
    ...many("--grant-type", client.grantTypes),
    ...many("--response-type", client.responseTypes),
    ...one("--scope", client.scope?.join(",")),
    ...many("--audience", client.audience),
    ...many("--contact", client.contacts),
    ...one("--client-uri", client.clientUri),
    ...one("--token-endpoint-auth-method", client.authMethod),
    ...one("--metadata", client.metadata && JSON.stringify(client.metadata)),
  ];
}

/**
 * The provider's clients, through its own command in the container. Client secrets are made by the provider, so
 * that none is ever an argument; they come back in the answer to `create` only.
 *
 * Every call rejects with `ExecError` when the command fails.
 */
export function clientsOf(container: Container) {
  const hydra = async (...args: string[]): Promise<unknown> => {
    const endpoint = ["--endpoint", `http://localhost:${ADMIN_PORT}`, "--format", "json"];
    const { stdout } = await container.exec(["hydra", ...args, ...endpoint], { timeoutMs: 20_000 });
    return JSON.parse(stdout);
  };
  const client = async (...args: string[]): Promise<OauthClient> => v.parse(schema, await hydra(...args));
  return {
    create: (settings: ClientSettings) => client("create", "client", ...options(settings)),
    update: (id: string, settings: ClientSettings) => client("update", "client", id, ...options(settings)),
    get: (id: string) => client("get", "client", id),
    remove: (id: string) => hydra("delete", "client", id),
    revokeTokens: (id: string) => hydra("delete", "access-tokens", id),
    rotateKey: (algorithm: string) => hydra("create", "jwk", "hydra.openid.id-token", "--alg", algorithm),
    async list(): Promise<OauthClient[]> {
      const { items } = v.parse(v.object({ items: v.array(schema) }), await hydra("list", "clients"));
      return items;
    },
  };
}

/** The relation a client was registered for, if it was for one. */
export function integrationOf({ metadata }: OauthClient): string | undefined {
  const id = metadata?.["integration-id"];
  return id === undefined ? undefined : String(id);
}

/** A client as the actions show it: keys with hyphens, without what is not set. */
export function shown(client: OauthClient) {
  return {
    "client-id": client.client_id,
    "client-secret": client.client_secret,
    name: client.client_name ?? undefined,
    "client-uri": client.client_uri ?? undefined,
    "redirect-uris": client.redirect_uris ?? undefined,
    "response-types": client.response_types ?? undefined,
    scope: client.scope ?? undefined,
    "grant-types": client.grant_types ?? undefined,
    audience: client.audience ?? undefined,
    contacts: client.contacts ?? undefined,
    metadata: client.metadata ? JSON.stringify(client.metadata) : undefined,
    "token-endpoint-auth-method": client.token_endpoint_auth_method ?? undefined,
  };
}

/** Reads `k=v k2='v 2'` as a person types it. */
export function metadataFrom(text: string): Record<string, string> {
  const pairs = text.matchAll(/([^\s=]+)=(?:'([^']*)'|"([^"]*)"|(\S*))/g);
  return Object.fromEntries(
    [...pairs].map(([, key, single, double, plain]) => [key, single ?? double ?? plain ?? ""]),
  );
}
