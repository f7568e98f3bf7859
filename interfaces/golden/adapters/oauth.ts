import { decode, type RawDatabag } from "charmed-iap/interface";
import { clientSecret, oauth } from "../../oauth/v0/index.ts";
import { type Adapter, bag, type ReadCase, type WriteCase } from "../types.ts";
import { argumentOf, given } from "./calls.ts";

export const oauthAdapter: Adapter = {
  readme: "oauth/v0",
  sets: [],
  sides: () => oauth.sides,
  publish: (one) => (one.role === "requirer" ? client(one) : provider(one)),
  understood: (one) => (one.role === "requirer" ? information(one) : registration(one)),
};

function client(one: WriteCase) {
  const updated = argumentOf(one, "update_client_config");
  // A charm of ours publishes in every hook; the recorded ones do so when a relation is created.
  const config = updated ?? (one.given.hook === "created" ? one.given.options : undefined);
  return config === undefined ? undefined : { app: given(config as object) };
}

function provider(one: WriteCase) {
  const before = values(bag(one.given.local_app_before));
  const info = argumentOf(one, "set_provider_info_in_relation_data");
  if (info !== undefined) return { app: { ...before, ...given(info as object) } };
  const created = argumentOf(one, "on client_created") as Record<string, unknown[]> | undefined;
  const credentials =
    created?.["set_client_credentials_in_relation_data"] ??
    (argumentOf(one, "set_client_credentials_in_relation_data") as unknown[] | undefined);
  if (credentials === undefined) return undefined;
  const secret = one.local_app["client_secret_id"];
  return { app: { ...before, client_id: credentials[1], client_secret_id: secret } };
}

/** Decoded, whether everything is there yet or not. */
function values(raw: RawDatabag): Record<string, unknown> {
  const result = oauth.sides.provider.app.codec.decode(raw);
  return result.ok ? (result.value as Record<string, unknown>) : {};
}

/** What a client learns: everything but the secret, which is read from Juju. */
function information(one: ReadCase) {
  const parsed = one.outcome.parsed as Record<string, unknown> | null | undefined;
  if (parsed === null || parsed === undefined) return undefined;
  const raw = bag(one.remote_app);
  const read = decode(oauth.sides.provider.app, raw);
  const { client_secret, ...theirs } = parsed;
  const complete = theirs["client_id"] !== null && client_secret !== null;
  if (!complete) return { ours: read.state, theirs: "pending" };
  const { client_secret_id, ...data } = read.state === "ready" ? read.data : { client_secret_id: "" };
  return {
    ours: { groups: null, ...data, secret: clientSecret({ secret: String(client_secret) }) },
    theirs: { ...theirs, ca_chain: theirs["ca_chain"] ?? [], secret: client_secret },
  };
}

/** What a provider learns of a client: the data of the library's event. */
function registration(one: ReadCase) {
  const event = one.outcome.events?.find(({ event: name }) => name.startsWith("client_"));
  if (event === undefined) return undefined;
  const read = decode(oauth.sides.requirer.app, bag(one.remote_app));
  const { relation_id: _, client_id: __, ...theirs } = event.data;
  return { ours: read.state === "ready" ? { redirect_uri: null, ...read.data } : read, theirs };
}
