import { keyFault } from "../../pebble/server/notices.ts";
import { revisionOf, secretOfEvent } from "../secrets-of-state.ts";
import { relationOfEvent, storageOfEvent } from "../world-of-state.ts";
import { type Checked, isAtLeast } from "./checked.ts";
import { planOf } from "./containers.ts";

const LIFECYCLE = [
  "install",
  "start",
  "stop",
  "remove",
  "config-changed",
  "update-status",
  "upgrade-charm",
  "leader-elected",
  "leader-settings-changed",
  "pre-series-upgrade",
  "post-series-upgrade",
  "secret-changed",
  "secret-rotate",
  "secret-remove",
  "secret-expired",
];

/** The event: one of this charm's, and about something that is in the state. */
export function eventRules(checked: Checked): void {
  const { event, report } = checked;
  if (event.action !== undefined) return;
  const name = event.event ?? "";
  const [, subject = "", kind = ""] =
    /^(.+)-(relation|pebble|storage)-[a-z-]+$/.exec(name) ?? /^(secret)-()/.exec(name) ?? [];
  extraDetails(checked, kind === "" ? subject : kind, name);
  if (!isEvent(checked, name, subject, kind)) {
    report("event", `"${name}" is not an event of this charm`);
    return;
  }
  if (kind === "relation") relationEvent(checked, name, subject);
  if (kind === "pebble") pebbleEvent(checked, name, subject);
  if (kind === "storage" && storageOfEvent(checked) === undefined) {
    const { storageId } = event;
    report(
      "event",
      `${name} needs ${storageId === undefined ? `a storage "${subject}"` : `the storage ${storageId}`} in the state`,
    );
  }
  if (subject === "secret") secretEvent(checked, name);
  if (name === "leader-elected" && !checked.state.leader)
    report("event", "leader-elected comes to the leader only");
  olderEvent(checked, name);
}

/** Events of Juju 3.6 that Juju 4 has no more. */
function olderEvent({ state, place, report }: Checked, name: string): void {
  const series = /^(pre|post)-series-upgrade$/.test(name);
  if (!series && name !== "leader-settings-changed") return;
  if (isAtLeast(place.version, 4, 0)) report("event", `Juju ${place.version} has no ${name}, 3.6 does`);
  if (series && state.modelType !== "machine") report("event", `${name} comes to units on machines only`);
  if (!series && state.leader) report("event", `${name} comes to followers only`);
}

function isEvent({ contract }: Checked, name: string, subject: string, kind: string): boolean {
  if (LIFECYCLE.includes(name)) return true;
  const suffix = name.slice(subject.length + kind.length + 2);
  const has = (part: object | undefined): boolean => Object.hasOwn(part ?? {}, subject);
  if (kind === "relation") {
    const known = ["created", "joined", "changed", "departed", "broken"].includes(suffix);
    return known && [contract.requires, contract.provides, contract.peers].some(has);
  }
  if (kind === "pebble") {
    const known = ["ready", "custom-notice", "check-failed", "check-recovered"].includes(suffix);
    return known && has(contract.containers);
  }
  return kind === "storage" && ["attached", "detaching"].includes(suffix) && has(contract.storage);
}

/** Details that events of another kind have. */
function extraDetails({ event, report }: Checked, kind: string, name: string): void {
  const details = {
    relation: ["relation", "remoteUnit", "departingUnit"],
    pebble: ["check", "notice"],
    storage: ["storageId"],
    secret: ["secret", "revision"],
  } as const;
  for (const [owner, keys] of Object.entries(details)) {
    for (const key of keys)
      if (owner !== kind && event[key] !== undefined) report(`event.${key}`, `${name} has none`);
  }
}

function relationEvent(checked: Checked, name: string, endpoint: string): void {
  const { event, place, report } = checked;
  const relation = relationOfEvent(checked);
  if (relation === undefined) {
    const which =
      event.relation === undefined
        ? `a relation of "${endpoint}"`
        : `the relation ${event.relation} of "${endpoint}"`;
    report("event", `${name} needs ${which} in the state`);
    return;
  }
  const { remoteUnit, departingUnit } = event;
  const suffix = name.slice(name.lastIndexOf("-") + 1);
  if (/^(joined|departed)$/.test(suffix) && remoteUnit === undefined && relation.members.length === 0)
    report("event", `${name} needs a remote unit`);
  if (/^(created|broken)$/.test(suffix) && remoteUnit !== undefined)
    report("event.remoteUnit", `${name} has none`);
  else if (remoteUnit !== undefined && !relation.members.includes(remoteUnit))
    report(
      "event.remoteUnit",
      `"${remoteUnit}" is not a unit of the relation, ${relation.members.join(", ") || "nobody"} is`,
    );
  if (departingUnit === undefined) return;
  const leaving = [remoteUnit ?? relation.members[0], place.unit];
  if (suffix !== "departed") report("event.departingUnit", `${name} has none`);
  else if (!leaving.includes(departingUnit))
    report("event.departingUnit", `must be the remote unit or ${place.unit}, is "${departingUnit}"`);
}

function pebbleEvent({ event, state, place, report }: Checked, name: string, container: string): void {
  const { check, notice } = event;
  const isCheck = name.includes("-check-");
  if (isCheck) {
    const given = state.containers?.[container];
    const checks = planOf(given, () => undefined)?.thresholds;
    if (check === undefined) report("event", `${name} needs a check`);
    else if (given?.pebble === undefined && !checks?.has(check))
      report("event.check", `"${check}" is not a check of the container's layers`);
    if (!isAtLeast(place.version, 3, 6))
      report("event", `Juju ${place.version} has no ${name}, 3.6 and later do`);
  } else if (check !== undefined) report("event.check", `${name} has none`);
  const isNotice = name.endsWith("-notice");
  if (!isNotice && notice !== undefined) report("event.notice", `${name} has none`);
  if (!isNotice) return;
  if (!isAtLeast(place.version, 3, 4))
    report("event", `Juju ${place.version} has no ${name}, 3.4 and later do`);
  const notices = state.containers?.[container]?.notices;
  if (notice === undefined) report("event", `${name} needs a notice`);
  else if (keyFault(notice.key) !== undefined) report("event.notice.key", `${keyFault(notice.key)}`);
  else if (notices !== undefined && !notices.some(({ key }) => key === notice.key))
    report("event.notice.key", `"${notice.key}" is not a notice of the container`);
}

function secretEvent({ event, state, report }: Checked, name: string): void {
  const secret = secretOfEvent(state, event);
  if (secret === undefined) {
    const which = event.secret === undefined ? "a secret" : `the secret "${event.secret}"`;
    report("event", `${name} needs ${which} in the state`);
    return;
  }
  const { owner = "other", rotate = "never", revision = 1 } = secret;
  const ownersOnly = name !== "secret-changed";
  if (ownersOnly && owner === "other") report("event.secret", `${name} comes to the secret's owner only`);
  if (!ownersOnly && owner !== "other")
    report("event.secret", `${name} comes to those who do not own the secret`);
  if (owner === "app" && !state.leader)
    report("event.secret", `${name} of an application's secret comes to the leader only`);
  if (name === "secret-rotate" && owner !== "other" && rotate === "never")
    report("event.secret", "secret-rotate comes to secrets with a rotate policy only");
  if (name === "secret-expired" && owner !== "other" && secret.expire === undefined)
    report("event.secret", "secret-expired comes to secrets that expire only");
  const revised = /-(remove|expired)$/.test(name);
  const latest = secret.latest === undefined ? revision : revision + 1;
  if (event.revision !== undefined && !revised) report("event.revision", `${name} has none`);
  if (!revised || owner === "other") return;
  const asked = event.revision ?? revisionOf(secret, name);
  const most = name === "secret-remove" ? latest - 1 : latest;
  if (most < 1) report("event.secret", `${name} comes when there is a later revision`);
  else if (asked < 1 || asked > most) report("event.revision", `must be from 1 to ${most}, is ${asked}`);
}
