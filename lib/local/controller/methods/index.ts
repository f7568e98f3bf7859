import type { MethodName, ResultOf } from "../../api.ts";
import type { Call } from "../../control/server.ts";
import { LocalError } from "../../errors.ts";
import type { Controller } from "../controller.ts";
import { applications } from "./applications.ts";
import { config } from "./config.ts";
import { debugLog } from "./debug-log.ts";
import type { Method, MethodTable } from "./method.ts";
import { models } from "./models.ts";
import { offers } from "./offers.ts";
import { reports } from "./reports.ts";
import { secrets } from "./secrets.ts";
import { tasks } from "./tasks.ts";

const METHODS: MethodTable<Exclude<MethodName, "stop">> = {
  ...models,
  ...applications,
  ...config,
  ...tasks,
  ...reports,
  ...debugLog,
  ...secrets,
  ...offers,
};

/**
 * Answers one call of the control API.
 *
 * @throws {LocalError} `ERR_NOT_SUPPORTED` for a method that there is not; what the method throws.
 */
export async function answer(
  controller: Controller,
  method: string,
  params: Readonly<Record<string, unknown>>,
  call: Call,
): Promise<ResultOf<MethodName>> {
  if (!Object.hasOwn(METHODS, method)) {
    throw new LocalError("ERR_NOT_SUPPORTED", `the local model does not support "${method}"`);
  }
  const found = METHODS[method as keyof typeof METHODS] as Method<MethodName>;
  return found({
    controller,
    params: params as never,
    signal: call.signal,
    progress: (value) => call.progress(value),
  });
}
