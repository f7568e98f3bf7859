import { type IdentifiedSecret, secretsOfState } from "../secrets-of-state.ts";
import { type Checked, isAtLeast, isCount, repeated } from "./checked.ts";

const ID = /^[0-9a-v]{20}$/;
const KEY = /^[a-z](-?[a-z0-9]){2,}$/;
const POLICIES = ["never", "hourly", "daily", "weekly", "monthly", "quarterly", "yearly"];
/** Bytes of all values of one secret as Juju sends them, in base64. */
const MOST = 1_000_000;

/** Secrets: told apart, with content that Juju would keep, and only what their owner may say about them. */
export function secretRules(checked: Checked): void {
  const { place, report } = checked;
  const secrets = secretsOfState(checked.state);
  if (secrets.length > 0 && !isAtLeast(place.version, 3, 0))
    report("secrets", `Juju ${place.version} has none`);
  for (const id of repeated(secrets.map((secret) => secret.id)))
    report("secrets", `id "${id}" is there twice`);
  const labels = secrets.flatMap(({ label, owner = "other" }) =>
    label === undefined ? [] : [`${owner} ${label}`],
  );
  for (const label of repeated(labels))
    report("secrets", `label "${label.slice(label.indexOf(" ") + 1)}" is there twice`);
  for (const [index, secret] of secrets.entries()) oneSecret(checked, secret, `secrets[${index}]`);
}

function oneSecret(checked: Checked, secret: IdentifiedSecret, path: string): void {
  const { report } = checked;
  if (!ID.test(secret.id)) report(`${path}.id`, `"${secret.id}" is not 20 of 0-9, a-v`);
  contentRules(checked, secret.content, `${path}.content`);
  if (secret.latest !== undefined) contentRules(checked, secret.latest, `${path}.latest`);
  const { revision } = secret;
  if (revision !== undefined && (!isCount(revision) || revision < 1))
    report(`${path}.revision`, `must be a whole number from 1, is ${revision}`);
  if ((secret.owner ?? "other") === "other") {
    for (const key of ["grants", "description", "rotate", "expire"] as const)
      if (secret[key] !== undefined) report(`${path}.${key}`, "is known to the secret's owner only");
  } else ownRules(checked, secret, path);
}

function ownRules({ relations, report }: Checked, secret: IdentifiedSecret, path: string): void {
  const { granted, grants = [], rotate, expire } = secret;
  if (granted === false) report(`${path}.granted`, "an owner may always read");
  for (const grant of grants)
    if (!relations.some(({ id }) => id === grant)) report(`${path}.grants`, `there is no relation ${grant}`);
  if (rotate !== undefined && !POLICIES.includes(rotate))
    report(`${path}.rotate`, `"${rotate}" is no policy, must be one of ${POLICIES.join(", ")}`);
  if (expire !== undefined && Number.isNaN(expire.getTime())) report(`${path}.expire`, "is not a time");
}

function contentRules({ report }: Checked, content: Readonly<Record<string, unknown>>, path: string): void {
  const entries = Object.entries(content);
  if (entries.length === 0) report(path, "must not be empty");
  for (const [key, value] of entries) {
    if (!KEY.test(key))
      report(`${path}.${key}`, "a key must be three or more of a-z, 0-9 and single dashes, a letter first");
    if (typeof value !== "string") report(`${path}.${key}`, `must be text, is ${typeof value}`);
  }
  const size = entries.reduce((sum, [, value]) => sum + inBase64(String(value)), 0);
  if (size > MOST) report(path, `must have at most ${MOST} bytes in base64, has ${size}`);
}

function inBase64(text: string): number {
  return 4 * Math.ceil(Buffer.byteLength(text) / 3);
}
