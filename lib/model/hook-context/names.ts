import type { WorldRelation } from "../world.ts";

/** Whether the text is a well-formed application name. */
export function isApplication(name: string): boolean {
  // Every part between hyphens has a letter, so that `web-1` is no name but a tag's number can follow one.
  return /^[a-z][a-z0-9]*(?:-[0-9]*[a-z][a-z0-9]*)*$/.test(name);
}

/** The application of a well-formed unit name, or nothing. */
export function applicationOf(unit: string): string | undefined {
  const slash = unit.lastIndexOf("/");
  const app = unit.slice(0, Math.max(slash, 0));
  return isNumber(unit.slice(slash + 1)) && isApplication(app) ? app : undefined;
}

/** Whether the text is a storage's identifier, `data/0`: formed as a unit's name is. */
export function isStorageId(id: string): boolean {
  return applicationOf(id) !== undefined;
}

function isNumber(text: string): boolean {
  return text === "0" || /^[1-9][0-9]*$/.test(text);
}

/** `unit-web-0` for `web/0`. */
export function unitTag(unit: string): string {
  return `unit-${unit.replace("/", "-")}`;
}

export function applicationTag(app: string): string {
  return `application-${app}`;
}

/** `relation-web.db#postgresql.database` for `web:db postgresql:database`. */
export function relationTag(relation: WorldRelation): string {
  return `relation-${relation.key.replaceAll(":", ".").replace(" ", "#")}`;
}
