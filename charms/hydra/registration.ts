import { createHash } from "node:crypto";
import type { Container, OwnedSecret, Secrets } from "charmed-iap/charm";
import { json } from "charmed-iap/interface";
import { type ClientData, isSafeClientId, secretContent, secretLabel } from "charmed-iap/interfaces/oauth/v0";
import { ExecError } from "charmed-iap/pebble";
import * as v from "valibot";
import { type ClientSettings, clientsOf, integrationOf } from "./clients.ts";

/** What the application remembers of a relation's client, in its peer databag. */
export interface Registered {
  readonly client_id: string;
  /** Of the settings it was registered with; absent in records of other implementations. */
  readonly fingerprint?: string;
}

const schema = v.object({ client_id: v.string(), fingerprint: v.optional(v.string()) });

const PREFIX = "oauth_";

/** The clients that the peer databag knows, by relation id. What cannot be read is not known. */
export function registeredIn(peer: Readonly<Record<string, string>>): Map<number, Registered> {
  const found = new Map<number, Registered>();
  for (const [key, text] of Object.entries(peer)) {
    const id = new RegExp(`^${PREFIX}(\\d+)$`).exec(key)?.[1];
    const record = id === undefined ? undefined : json.decode(text);
    const parsed = v.safeParse(schema, record?.ok ? record.value : undefined);
    if (id !== undefined && parsed.success) found.set(Number(id), parsed.output as Registered);
  }
  return found;
}

/** The peer databag with these clients; keys that are none of ours stay. */
export function peerWith(
  peer: Readonly<Record<string, string>>,
  clients: ReadonlyMap<number, Registered>,
): Record<string, string> {
  const others = Object.entries(peer).filter(([key]) => !key.startsWith(PREFIX));
  const records = [...clients].map(([id, record]) => [`${PREFIX}${id}`, JSON.stringify(record)] as const);
  return Object.fromEntries([...others, ...records]);
}

/** A client that is there, and the secret that holds its secret. */
export interface Registration extends Registered {
  readonly secret: OwnedSecret;
}

const ATTEMPTS = 40;
const PAUSE_MS = 250;

/** The service has only just been started; everything else is a fault. */
const notListening = (error: unknown): boolean =>
  error instanceof ExecError && /refused|cannot reach|EOF|no such host/i.test(error.message);

async function onceListening<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (attempt === ATTEMPTS || !notListening(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}

/** A relation, and what its application asks for. */
export interface Wanted {
  readonly relationId: number;
  /** What people are told they sign in to. */
  readonly remoteApp: string;
  readonly data: ClientData;
}

function settingsFor({ relationId, remoteApp, data }: Wanted): ClientSettings {
  return {
    name: remoteApp,
    redirectUris: data.redirect_uri === undefined ? [] : [data.redirect_uri],
    grantTypes: data.grant_types,
    responseTypes: data.grant_types.includes("authorization_code") ? ["code"] : ["token"],
    scope: data.scope.split(/\s+/).filter((scope) => scope !== ""),
    audience: data.audience,
    authMethod: data.token_endpoint_auth_method,
    metadata: { "integration-id": String(relationId) },
  };
}

const fingerprintOf = (settings: ClientSettings): string =>
  createHash("sha256").update(JSON.stringify(settings)).digest("hex").slice(0, 16);

/** Registers a client afresh; one that an interrupted hook left behind for the same relation goes first. */
async function create(container: Container, secrets: Secrets, relationId: number, settings: ClientSettings) {
  const clients = clientsOf(container);
  const existing = await onceListening(() => clients.list());
  for (const left of existing.filter((client) => integrationOf(client) === String(relationId))) {
    await clients.remove(left.client_id);
  }
  const made = await clients.create(settings);
  if (!made.client_secret || !isSafeClientId(made.client_id)) {
    await clients.remove(made.client_id);
    throw new TypeError("Cannot register a client: the provider gave no usable identifier and secret");
  }
  const secret = await secrets.set(secretLabel(relationId), secretContent(made.client_secret));
  return secret && { client_id: made.client_id, fingerprint: fingerprintOf(settings), secret };
}

/**
 * Makes the provider's client of a relation be what the relation asks for: registers it, changes it, or leaves
 * it. For the leader.
 *
 * @throws {ExecError} `ERR_PEBBLE_EXEC` when the provider does not answer, or refuses.
 */
export async function register(
  container: Container,
  secrets: Secrets,
  wanted: Wanted & { readonly known: Registered | undefined },
): Promise<Registration | undefined> {
  const { relationId, known } = wanted;
  const settings = settingsFor(wanted);
  const secret = known && (await secrets.byLabel(secretLabel(relationId)));
  if (!known || !secret) return create(container, secrets, relationId, settings);
  const fingerprint = fingerprintOf(settings);
  if (known.fingerprint !== fingerprint) {
    await onceListening(() => clientsOf(container).update(known.client_id, settings));
  }
  return { client_id: known.client_id, fingerprint, secret };
}

/** Deletes the client of a relation that is gone; one that is gone already is no fault. */
export async function unregister(container: Container, clientId: string): Promise<void> {
  try {
    await onceListening(() => clientsOf(container).remove(clientId));
  } catch (error) {
    if (!(error instanceof ExecError) || !/404|Unable to locate/.test(error.message)) throw error;
  }
}
