/**
 * Which secret hook a unit gets next: `expired`, `rotate`, `changed`, `remove`; and when the clock makes one
 * due.
 *
 * @module
 */

import { type Engine, isLeader } from "./engine.ts";
import type { HookInfo, SecretState, UnitState } from "./state.ts";

const REFIRE_MS = 5 * 60_000;
const DAY_MS = 24 * 3_600_000;

/** Whether the unit may change the secret: its own, or the application's on the leader. */
export function manages(e: Engine, u: UnitState, secret: SecretState): boolean {
  if (secret.ownerKind === "model") return false;
  return secret.ownerKind === "unit" ? secret.owner === u.name : secret.owner === u.app && isLeader(e, u);
}

/** Whether the unit may read it: as owner, as a unit of the owner, or by a grant. */
export function mayRead(u: UnitState, secret: SecretState): boolean {
  if (secret.owner === u.name || secret.owner === u.app) return true;
  return secret.grants.some((grant) => grant.subject === u.name || grant.subject === u.app);
}

const NONE: readonly number[] = [];

function hasOlder({ content, latest }: SecretState): boolean {
  for (const revision in content) if (Number(revision) !== latest) return true;
  return false;
}

/** Revisions that nobody tracks and that are not the latest. */
export function obsolete(secret: SecretState): readonly number[] {
  if (!hasOlder(secret)) return NONE;
  const tracked = new Set(Object.values(secret.consumers).map((consumer) => consumer.tracked));
  return Object.keys(secret.content)
    .map(Number)
    .filter((revision) => revision < secret.latest && !tracked.has(revision))
    .sort((a, b) => a - b);
}

/** Deletes what nobody tracks, where the operator wants that. */
export function prune(secret: SecretState): void {
  if (!secret.autoPrune) return;
  for (const revision of obsolete(secret)) {
    delete secret.content[revision];
    delete secret.checksums[revision];
  }
}

/** Time of the next rotation after `from`; undefined for `never`. */
export function nextRotation(policy: string, from: number): number | undefined {
  const months: Record<string, number> = { monthly: 1, quarterly: 3, yearly: 12 };
  const periods: Record<string, number> = { hourly: 3_600_000, daily: DAY_MS, weekly: 7 * DAY_MS };
  const period = periods[policy];
  if (period !== undefined) return from + period;
  const step = months[policy];
  if (step === undefined) return undefined;
  const date = new Date(from);
  date.setUTCMonth(date.getUTCMonth() + step);
  return date.getTime();
}

/** A due event stays away for a while after it was delivered. */
export function refireAt(now: number): number {
  return now + REFIRE_MS;
}

function ownerEvent(kind: string, secret: SecretState, revision?: number): HookInfo {
  return {
    kind,
    secretId: secret.id,
    secretLabel: secret.label,
    ...(revision === undefined ? {} : { secretRevision: revision }),
  };
}

function changed(u: UnitState, secrets: Readonly<Record<string, SecretState>>): HookInfo | undefined {
  for (const id in secrets) {
    const secret = secrets[id]!;
    const consumer = secret.consumers[u.name];
    if (!consumer || consumer.told === secret.latest || !mayRead(u, secret)) continue;
    const own = secret.owner === u.name || secret.owner === u.app ? secret.label : "";
    return {
      kind: "secret-changed",
      secretId: secret.id,
      secretLabel: consumer.label || own,
      version: secret.latest,
    };
  }
  return undefined;
}

/** The next secret hook of the unit. */
export function nextSecretHook(e: Engine, u: UnitState): HookInfo | undefined {
  const { secrets } = e.state;
  const now = e.now();
  let rotate: SecretState | undefined;
  const owned: SecretState[] = [];
  for (const id in secrets) {
    const secret = secrets[id]!;
    if (!manages(e, u, secret)) continue;
    if (isDue(secret.expireAt, now)) return ownerEvent("secret-expired", secret, secret.latest);
    if (isDue(secret.rotateAt, now)) rotate ??= secret;
    owned.push(secret);
  }
  if (rotate) return ownerEvent("secret-rotate", rotate);
  const news = changed(u, secrets);
  if (news) return news;
  for (const secret of owned) {
    const revision = obsolete(secret).find((candidate) => !secret.removeTold.includes(candidate));
    if (revision !== undefined) return ownerEvent("secret-remove", secret, revision);
  }
  return undefined;
}

function isDue(time: number | undefined, now: number): boolean {
  return time !== undefined && time <= now;
}

/** What a delivered secret hook settles. */
export function secretHookDone(e: Engine, u: UnitState, info: HookInfo): void {
  const secret = e.state.secrets[info.secretId ?? ""];
  if (!secret) return;
  if (info.kind === "secret-changed") {
    const consumer = secret.consumers[u.name];
    if (consumer) consumer.told = info.version ?? secret.latest;
  }
  if (info.kind === "secret-remove" && info.secretRevision !== undefined)
    secret.removeTold.push(info.secretRevision);
  const due = refireAt(e.now());
  if (
    info.kind === "secret-expired" &&
    secret.latest === info.secretRevision &&
    secret.expireAt !== undefined
  ) {
    secret.expireAt = Math.max(secret.expireAt, due);
  }
  if (info.kind === "secret-rotate" && secret.rotateAt !== undefined) {
    secret.rotateAt = Math.max(secret.rotateAt, due);
  }
}

/** Times at which a secret of this unit becomes due. */
export function secretTimes(e: Engine, u: UnitState): number[] {
  return Object.values(e.state.secrets)
    .filter((secret) => manages(e, u, secret))
    .flatMap((secret) => [secret.expireAt, secret.rotateAt])
    .filter((time) => time !== undefined);
}
