import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/**
 * Gives this process a local model of its own, in folders that vanish with it. Must run before the first `juju`.
 *
 * @returns Removes the folders; stop the controller first.
 */
export function sandbox(): () => void {
  const folder = mkdtempSync(path.join(tmpdir(), "iap-"));
  process.env["CHARMED_IAP_STATE"] = path.join(folder, "state");
  process.env["XDG_RUNTIME_DIR"] = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
