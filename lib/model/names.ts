/** Name grammars of Juju, and the tags that stand for names on its wire. */

const APPLICATION = /^[a-z][a-z0-9]*(-[a-z0-9]*[a-z][a-z0-9]*)*$/;
const UNIT = /^([a-z][a-z0-9]*(?:-[a-z0-9]*[a-z][a-z0-9]*)*)\/(0|[1-9][0-9]*)$/;

/** Whether every dash-separated part has a letter: `web-k8s` is a name, `web-2` is not. */
export function isApplicationName(text: string): boolean {
  return APPLICATION.test(text);
}

export function isUnitName(text: string): boolean {
  return UNIT.test(text);
}

/** `web/0` → `web`. */
export function applicationOf(unit: string): string {
  const at = unit.lastIndexOf("/");
  return at < 0 ? unit : unit.slice(0, at);
}

/** Whether a unit is one of an application. */
export function isUnitOf(unit: string, app: string): boolean {
  return unit.lastIndexOf("/") === app.length && unit.startsWith(app);
}

/** `web/0` → `unit-web-0`. */
export function unitTag(unit: string): string {
  return `unit-${unit.replace("/", "-")}`;
}

/** `unit-web-0` → `web/0`, `application-web` → `web`. */
export function nameOfTag(tag: string): string {
  if (tag.startsWith("application-")) return tag.slice("application-".length);
  const unit = /^unit-(.+)-([0-9]+)$/.exec(tag);
  return unit ? `${unit[1]}/${unit[2]}` : tag;
}

/** `web:db postgresql:database` → `relation-web.db#postgresql.database`. */
export function relationTag(key: string): string {
  return `relation-${key.replaceAll(":", ".").replace(" ", "#")}`;
}

/** Plain string order, as Go sorts. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
