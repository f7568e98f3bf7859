/**
 * The folder that hooks are recorded into; `undefined`: they are not.
 *
 * An operator cannot give a charm variables, so there are two ways: `CHARMED_IAP_RECORD`, a folder, and a file `.record` in the charm's
 * own folder, made with `juju ssh`; its recordings go to `.recordings` beside it.
 */
export function recordFolder(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const folder = env["CHARMED_IAP_RECORD"];
  if (folder) return folder;
  const charm = env["JUJU_CHARM_DIR"] || env["CHARM_DIR"];
  if (!charm) return undefined;
  return process.getBuiltinModule("node:fs").existsSync(`${charm}/.record`)
    ? `${charm}/.recordings`
    : undefined;
}
