/** What options of the log must be. */
import type { Faults } from "../options/faults.ts";
import type { Options } from "../options/read.ts";
import { TemplateError } from "../template/tree.ts";
import { logTemplate } from "./text.ts";

const FORMATS = {
  standard: "standard_logging_format",
  auth: "auth_logging_format",
  request: "request_logging_format",
} as const;

/** Checks the options of the log. A template that oauth2-proxy could not read ends the program with its exit code, 2. */
export function checkLog(options: Options, faults: Faults): void {
  if (!["", "text", "json"].includes(options.log_format))
    faults.add("log_format", `must be "text" or "json", is "${options.log_format}"`);
  if (!["drop", "block"].includes(options.log_when_full))
    faults.add("log_when_full", `must be "drop" or "block", is "${options.log_when_full}"`);
  for (const kind of ["standard", "auth", "request"] as const) {
    const key = FORMATS[kind];
    try {
      logTemplate(kind, options[key]);
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      faults.add(key, `must be a template: ${error.message}`, error.fault === "syntax" ? 2 : 1);
    }
  }
}
