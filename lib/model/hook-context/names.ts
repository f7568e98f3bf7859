import type { WorldRelation } from "../world.ts";

const application = /^(?:[a-z][a-z0-9]*(?:-[a-z0-9]*[a-z][a-z0-9]*)*)$/;
const unitName = /^([a-z][a-z0-9]*(?:-[a-z0-9]*[a-z][a-z0-9]*)*)\/(0|[1-9][0-9]*)$/;

/** Whether the text is a well-formed application name. */
export function isApplication(name: string): boolean {
  return application.test(name);
}

/** The application of a well-formed unit name, or nothing. */
export function applicationOf(unit: string): string | undefined {
  return unitName.exec(unit)?.[1];
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
