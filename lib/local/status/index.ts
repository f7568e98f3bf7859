/**
 * What `juju status` prints for a model, as pure functions.
 *
 * @module
 */
export { compareStatus, type StatusComparison } from "./compare.ts";
export { filterStatus } from "./filter.ts";
export { formattedStatus } from "./formatted.ts";
export { naturally, naturalOrder } from "./natural-order.ts";
export { renderStatus, STATUS_FORMATS, type StatusFormat } from "./render.ts";
export { type Cell, table } from "./table.ts";
export { type TabularOptions, tabularStatus } from "./tabular.ts";
export { agoText, clockText, sinceText, timestampText } from "./times.ts";
