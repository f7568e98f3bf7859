/** What options of the pages must be. */
import type { Faults } from "../options/faults.ts";
import type { Options } from "../options/read.ts";
import { readCustomPages } from "./custom.ts";
import { readLogo } from "./logo.ts";
import { readStyle } from "./pages.ts";

/** Reads every file that the pages need. */
export function checkPages(options: Options, faults: Faults): void {
  faults.collect("custom_templates_dir", () => void readCustomPages(options.custom_templates_dir), undefined);
  faults.collect("custom_sign_in_logo", () => void readLogo(options.custom_sign_in_logo), undefined);
  faults.collect("custom_style_file", () => void readStyle(options.custom_style_file), undefined);
}
