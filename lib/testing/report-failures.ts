/**
 * For `setupFiles` of vitest: the models of a test that fails leave their reports, text and page, in the folder
 * that `CHARMED_IAP_REPORTS` names. Without the variable it does nothing.
 *
 * @example
 * ```ts
 * // vitest.config.ts: test: { setupFiles: ["charmed-iap/testing/report-failures"] }
 * // CHARMED_IAP_REPORTS=reports npx vitest run
 * ```
 *
 * @module
 */

import { mkdirSync } from "node:fs";
import path from "node:path";
import { afterEach } from "vitest";
import { REPORTS_VARIABLE, takeModels } from "./model/remembered-models.ts";

const folder = process.env[REPORTS_VARIABLE];

/** `describe > test` as a file's name. */
function fileName(names: readonly string[]): string {
  return names
    .join("-")
    .replace(/[^\w.-]+/g, "_")
    .slice(0, 150);
}

if (folder !== undefined && folder !== "") {
  takeModels(); // Left by the file before this one, where files share a worker.
  afterEach(({ task }) => {
    const models = takeModels();
    if (task.result?.state !== "fail") return;
    mkdirSync(folder, { recursive: true });
    const names = [task.suite?.name ?? "", task.name].filter((name) => name !== "");
    models.forEach((model, index) => {
      const name = path.join(folder, `${fileName([...names, String(index + 1)])}`);
      model.writeReport(`${name}.txt`);
      model.writeReport(`${name}.html`);
      console.error(`The history of model "${model.engine.name}" is in ${name}.html`);
    });
  });
}
