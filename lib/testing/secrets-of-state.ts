import { relationTag, unitTag } from "../model/names.ts";
import type { WorldRelation, WorldSecret } from "../model/world.ts";
import type { AnyEventInput } from "./event.ts";
import type { AnyState, SecretState } from "./state.ts";
import type { Place } from "./world-of-state.ts";

/** Ids of secrets that a state does not name: their place, 20 digits. */
export function secretIdOf(secret: SecretState, index: number): string {
  return secret.id ?? String(index + 1).padStart(20, "0");
}

/** A secret of a state, with its id. */
export type IdentifiedSecret = SecretState & { readonly id: string };

/** The secrets of a state with their ids. */
export function secretsOfState(state: AnyState): readonly IdentifiedSecret[] {
  return (state.secrets ?? []).map((secret, index) => ({ ...secret, id: secretIdOf(secret, index) }));
}

/** The secret of a secret event: by id or label, else the first. */
export function secretOfEvent(state: AnyState, event: AnyEventInput): IdentifiedSecret | undefined {
  if (!/^secret-/.test(event.event ?? "")) return undefined;
  const secrets = secretsOfState(state);
  if (event.secret === undefined) return secrets[0];
  return secrets.find(({ id, label }) => event.secret === id || event.secret === label);
}

/** The revision that a secret event is about, unless it says so: an old one for `secret-remove`, else the tracked one. */
export function revisionOf({ revision = 1, latest }: SecretState, event: string): number {
  return event === "secret-remove" && latest === undefined ? revision - 1 : revision;
}

/** What the world's secrets are made from. */
export interface SecretsInput {
  readonly state: AnyState;
  readonly place: Place;
  readonly relations: readonly WorldRelation[];
}

export function worldSecrets(input: SecretsInput): readonly WorldSecret[] {
  return secretsOfState(input.state).map((secret) => worldSecret(secret, input));
}

function worldSecret(secret: IdentifiedSecret, { place, relations }: SecretsInput): WorldSecret {
  const { id, owner = "other", label = "", content, latest, granted = true, revision = 1 } = secret;
  const own = owner !== "other";
  const tags = { app: `application-${place.app}`, unit: unitTag(place.unit), other: "" };
  const access = (secret.grants ?? []).flatMap((grant) => {
    const relation = relations.find((one) => one.id === grant);
    if (relation === undefined) return [];
    const target = `application-${relation["remote-app"]}`;
    return [{ "target-tag": target, "scope-tag": relationTag(relation.key), role: "view" }];
  });
  return {
    id,
    owner: tags[owner],
    label: own ? label : "",
    ...(own ? {} : { "consumer-label": label }),
    ...(secret.description === undefined ? {} : { description: secret.description }),
    ...(secret.rotate === undefined ? {} : { rotate: secret.rotate }),
    ...(secret.expire === undefined ? {} : { expires: rfc3339(secret.expire) }),
    revision: latest === undefined ? revision : revision + 1,
    readable: granted,
    content: {
      [revision]: base64(content),
      ...(latest === undefined ? {} : { [revision + 1]: base64(latest) }),
    },
    tracked: revision,
    access,
  };
}

/** As Juju prints times: without a fraction of seconds. */
export function rfc3339(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, "Z");
}

/** A secret's content as Juju stores it. */
function base64(content: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(content).map(([key, value]) => [key, Buffer.from(value).toString("base64")]),
  );
}
