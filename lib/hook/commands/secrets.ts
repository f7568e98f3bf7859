import { HookOutputError } from "../errors.ts";
import { runJson, runText } from "../run.ts";
import { type Sensitive, sensitive } from "../sensitive.ts";
import { isRecord, text, textMap, texts } from "../shapes.ts";
import type { HookTransport } from "../transport.ts";
import type { RelationId } from "./relations.ts";

/** Content of a secret to be: keys of at least three characters, lower case, digits and single dashes. */
export type SecretContent = Readonly<Record<string, string | Uint8Array | Sensitive<string>>>;

/** How often Juju asks for a new revision. */
export type SecretRotate = "never" | "hourly" | "daily" | "weekly" | "monthly" | "quarterly" | "yearly";

/** What Juju keeps beside a secret's content. */
export interface SecretMetadata {
  /** Unique among the owner's secrets. */
  readonly label?: string;
  readonly description?: string;
  readonly rotate?: SecretRotate;
  /** When the revision expires. */
  readonly expire?: Date;
}

const keyPattern = /^[a-z](?:-?[a-z0-9]){2,}$/;

/**
 * Creates a secret and gives its URI: opaque text, compare by id. Content appears neither on a command
 * line nor in errors. Committed when the hook succeeds.
 *
 * @param options.owner Default: `application`, which takes the leader.
 * @throws {HookCommandError} `not-leader`; `conflict` when the label is taken.
 * @throws {TypeError} For a key that Juju does not allow, or an empty value.
 * @see Juju: secret-add
 */
export async function secretAdd(
  transport: HookTransport,
  options: SecretMetadata & { readonly content: SecretContent; readonly owner?: "application" | "unit" },
): Promise<string> {
  const args = [...metadataArgs(options), "--owner", options.owner ?? "application"];
  const content = contentBytes("secret-add", options.content);
  const uri = (await runText(transport, "secret-add", args, { content })).trim();
  if (uri === "") throw new HookOutputError("secret-add", "a secret URI");
  return uri;
}

/**
 * Changes a secret that this unit owns, or the application's on the leader. New content replaces all keys
 * and makes a revision unless it equals the latest. Without content only metadata changes; an empty label
 * or description is no change. Juju does not check here whether the secret exists.
 *
 * @throws {TypeError} For a key that Juju does not allow, or an empty value.
 * @see Juju: secret-set
 */
export async function secretSet(
  transport: HookTransport,
  options: SecretMetadata & { readonly id: string; readonly content?: SecretContent },
): Promise<void> {
  const { id, content } = options;
  const extras = content === undefined ? {} : { content: contentBytes("secret-set", content) };
  await runText(transport, "secret-set", [...metadataArgs(options), id], extras);
}

function metadataArgs({ label, description, rotate, expire }: SecretMetadata): string[] {
  return [
    ...(label ? [`--label=${label}`] : []),
    ...(description ? [`--description=${description}`] : []),
    ...(rotate ? [`--rotate=${rotate}`] : []),
    ...(expire ? [`--expire=${expire.toISOString()}`] : []),
  ];
}

function contentBytes(command: string, content: SecretContent): Record<string, Uint8Array> {
  const pairs = Object.entries(content).map(([key, value]) => {
    if (!keyPattern.test(key)) {
      throw new TypeError(
        `Cannot run ${command}: key "${key}" must be at least three lower case letters, digits and single dashes`,
      );
    }
    const plain = value instanceof Uint8Array ? value : Buffer.from(reveal(value));
    if (plain.length === 0) throw new TypeError(`Cannot run ${command}: value of "${key}" must not be empty`);
    return [key, plain] as const;
  });
  if (pairs.length === 0) throw new TypeError(`Cannot run ${command}: content must have a key`);
  return Object.fromEntries(pairs);
}

function reveal(value: string | Sensitive<string>): string {
  return typeof value === "string" ? value : value.reveal();
}

/** Which secret: by id or URI, by label, or both, which gives the secret this label here. */
export type SecretSelector =
  | { readonly id: string; readonly label?: string }
  | { readonly id?: undefined; readonly label: string };

/**
 * Content of a secret: the tracked revision, with `refresh` the latest from now on, with `peek` the latest
 * this once. Binary values: `secretGetBytes`.
 *
 * @throws {HookCommandError} `not-found`, `permission-denied`
 * @see Juju: secret-get
 */
export async function secretGet(
  transport: HookTransport,
  options: SecretSelector & { readonly revision?: "tracked" | "peek" | "refresh" },
): Promise<Readonly<Record<string, Sensitive<string>>>> {
  const content = await runJson(transport, "secret-get", selectorArgs(options), textMap);
  return Object.fromEntries(Object.entries(content).map(([key, value]) => [key, sensitive(value)]));
}

/** One value of a secret as bytes; Juju takes no label here. See Juju: secret-get KEY#base64. */
export async function secretGetBytes(
  transport: HookTransport,
  options: { readonly id: string; readonly key: string; readonly revision?: "tracked" | "peek" | "refresh" },
): Promise<Sensitive<Uint8Array>> {
  const args = [...selectorArgs(options), `${options.key}#base64`];
  const encoded = await runJson(transport, "secret-get", args, text);
  return sensitive(new Uint8Array(Buffer.from(encoded, "base64")));
}

function selectorArgs({
  id,
  label,
  revision = "tracked",
}: {
  readonly id?: string | undefined;
  readonly label?: string;
  readonly revision?: "tracked" | "peek" | "refresh";
}): string[] {
  return [
    ...(label === undefined ? [] : [`--label=${label}`]),
    ...(revision === "tracked" ? [] : [`--${revision}`]),
    ...(id === undefined ? [] : ["--", id]),
  ];
}

/** Metadata of a secret that this unit owns, or the application's on the leader; keys as Juju spells them. */
export interface SecretDescription {
  /** Without a scheme. */
  readonly id: string;
  /** Latest revision, without what this hook has not committed yet. */
  readonly revision: number;
  readonly label: string;
  readonly owner: "application" | "unit";
  readonly description?: string;
  readonly rotation?: string;
  /** RFC 3339 */
  readonly expiry?: string;
  /** RFC 3339 */
  readonly rotates?: string;
  readonly access?: readonly { readonly target: string; readonly scope: string; readonly role: string }[];
}

/**
 * Metadata by id or by label.
 *
 * @throws {HookCommandError} `not-found`, also for a secret of another owner.
 * @see Juju: secret-info-get
 */
export function secretInfoGet(
  transport: HookTransport,
  by: { readonly id: string } | { readonly label: string },
): Promise<SecretDescription> {
  const args = "id" in by ? ["--", by.id] : [`--label=${by.label}`];
  return runJson(transport, "secret-info-get", args, {
    expected: "one secret's metadata",
    read(json) {
      const [id, found] = isRecord(json) ? (Object.entries(json)[0] ?? []) : [];
      if (id === undefined || !isRecord(found) || typeof found["revision"] !== "number") return undefined;
      return { ...found, id } as unknown as SecretDescription;
    },
  });
}

/** Ids of the secrets of this unit and, on the leader, of the application; sorted here, Juju's order is random. */
export async function secretIds(transport: HookTransport): Promise<readonly string[]> {
  return [...(await runJson(transport, "secret-ids", [], texts))].sort();
}

/**
 * Lets the remote application of a relation read a secret, or one unit of it, while the relation lives.
 *
 * @throws {HookCommandError} `not-found`, `not-leader`; `conflict` while units have grants of their own.
 * @see Juju: secret-grant
 */
export async function secretGrant(
  transport: HookTransport,
  options: { readonly id: string; readonly relation: RelationId; readonly unit?: string },
): Promise<void> {
  await runText(transport, "secret-grant", grantArgs(options));
}

/**
 * Takes back what `secretGrant` gave: from the other side of a relation, or from an application or unit by name, which
 * needs no relation; inside a relation hook Juju takes no application's name.
 *
 * @see Juju: secret-revoke
 */
export async function secretRevoke(
  transport: HookTransport,
  options: { readonly id: string } & (
    | { readonly relation: RelationId; readonly unit?: string }
    | { readonly unit: string }
    | { readonly app: string }
  ),
): Promise<void> {
  const args =
    "app" in options
      ? ["--app", options.app, "--", options.id]
      : "relation" in options
        ? grantArgs(options)
        : ["--unit", options.unit, "--", options.id];
  await runText(transport, "secret-revoke", args);
}

function grantArgs(options: { id: string; relation: RelationId; unit?: string }): string[] {
  const unit = options.unit === undefined ? [] : ["--unit", options.unit];
  return ["--relation", String(options.relation), ...unit, "--", options.id];
}

/** Removes a secret, or one revision of it; removing what is not there is no error. See Juju: secret-remove. */
export async function secretRemove(
  transport: HookTransport,
  options: { readonly id: string; readonly revision?: number },
): Promise<void> {
  const revision = options.revision === undefined ? [] : ["--revision", String(options.revision)];
  await runText(transport, "secret-remove", [...revision, "--", options.id]);
}
