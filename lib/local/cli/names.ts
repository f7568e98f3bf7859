const application = /^[a-z][a-z0-9]*(-[a-z0-9]*[a-z][a-z0-9]*)*$/;

/** Whether Juju takes this as the name of an application. */
export function isApplication(name: string): boolean {
  return application.test(name);
}

/** Whether this names a unit: `web/0`. */
export function isUnit(name: string): boolean {
  const [app = "", number = "", more] = name.split("/");
  return more === undefined && isApplication(app) && /^(0|[1-9][0-9]*)$/.test(number);
}

/** Whether this names a unit, or the leader of an application: `web/leader`. */
export function isUnitOrLeader(name: string): boolean {
  return isUnit(name) || (name.endsWith("/leader") && isApplication(name.slice(0, -"/leader".length)));
}
