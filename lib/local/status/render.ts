import { formatJson } from "../../model/hook-context/go/json.ts";
import { formatYaml } from "../../model/hook-context/go/yaml.ts";
import type { ModelReport } from "../../model/status.ts";
import { formattedStatus } from "./formatted.ts";
import { onelineStatus } from "./oneline.ts";
import { summaryStatus } from "./summary.ts";
import { type TabularOptions, tabularStatus } from "./tabular.ts";

/** Every `--format` of `juju status`. */
export const STATUS_FORMATS = ["json", "line", "oneline", "short", "summary", "tabular", "yaml"] as const;

export type StatusFormat = (typeof STATUS_FORMATS)[number];

/**
 * Prints a model as `juju status --format …` does, byte for byte, without colour.
 *
 * @example
 * ```ts
 * process.stdout.write(renderStatus(report, "tabular", { relations: true }));
 * ```
 *
 * @see Juju: juju status
 */
export function renderStatus(
  report: ModelReport,
  format: StatusFormat,
  options: TabularOptions = {},
): string {
  switch (format) {
    case "tabular":
      return tabularStatus(report, options);
    case "summary":
      return summaryStatus(report);
    case "json":
      return `${formatJson(formattedStatus(report, options))}\n`;
    case "yaml":
      return formatYaml(formattedStatus(report, options));
    default:
      return onelineStatus(report);
  }
}
