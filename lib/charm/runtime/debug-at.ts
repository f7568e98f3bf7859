/**
 * Opens the inspector on the loopback address and waits until a debugger is there, when the list asks for this
 * run: `all`, `hook`, or the name of the event or action. The port is 9229, unless Node.js was given `--inspect-port`.
 *
 * @param at `JUJU_DEBUG_AT`: names between commas.
 * @param path `JUJU_DISPATCH_PATH`.
 * @see Juju: juju debug-code; Node.js: inspector
 */
export function waitForDebugger(at: string, path: string): void {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const wanted = at.split(",").map((one) => one.trim());
  if (!["all", "hook", name].some((one) => wanted.includes(one))) return;
  const inspector = process.getBuiltinModule("node:inspector");
  if (inspector.url() === undefined) inspector.open(process.debugPort, "127.0.0.1"); // It prints where it listens.
  inspector.waitForDebugger();
}
