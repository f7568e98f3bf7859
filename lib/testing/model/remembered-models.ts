import type { FakeModelView } from "./fake-model-view.ts";

/** Folder for reports of the models of failed tests; models are remembered only where it is set. */
export const REPORTS_VARIABLE = "CHARMED_IAP_REPORTS";

const models: FakeModelView[] = [];

export function rememberModel(model: FakeModelView): void {
  if (process.env[REPORTS_VARIABLE] !== undefined) models.push(model);
}

/** The models made since the last call, oldest first. */
export function takeModels(): readonly FakeModelView[] {
  return models.splice(0);
}
