import { LayerError } from "../errors.ts";
import { INNER_NEEDED } from "../plan/combine.ts";
import type { LabelledLayer } from "../plan/types.ts";
import { formatPlan, parseLayer } from "../plan/yaml.ts";
import type { Daemon } from "./daemon.ts";
import { type ApiRequest, type ApiResponse, Refusal, readJson, sync, textOf } from "./respond.ts";

/** GET /v1/plan */
export async function getPlan(daemon: Daemon, { query }: ApiRequest): Promise<ApiResponse> {
  const format = query.get("format") ?? "";
  if (format !== "yaml") throw new Refusal(400, `invalid format "${format}"`);
  return sync(await formatPlan(daemon.plan));
}

/** POST /v1/layers */
export async function postLayers(
  daemon: Pick<Daemon, "addLayer">,
  request: ApiRequest,
): Promise<ApiResponse> {
  const payload = readJson(request, "request body");
  const action = textOf(payload["action"]);
  const label = textOf(payload["label"]);
  const format = textOf(payload["format"]);
  if (action !== "add") throw new Refusal(400, `invalid action "${action}"`);
  if (label === "") throw new Refusal(400, "label must be set");
  if (format !== "yaml") throw new Refusal(400, `invalid format "${format}"`);
  const layer = await parsed(label, textOf(payload["layer"]));
  add(daemon, layer, { combine: payload["combine"] === true, inner: payload["inner"] === true });
  return sync(true);
}

async function parsed(label: string, text: string): Promise<LabelledLayer> {
  try {
    return await parseLayer(label, text);
  } catch (error) {
    if (error instanceof LayerError) throw new Refusal(400, `cannot parse layer YAML: ${error.message}`);
    throw error;
  }
}

function add(
  daemon: Pick<Daemon, "addLayer">,
  layer: LabelledLayer,
  options: { combine: boolean; inner: boolean },
): void {
  try {
    daemon.addLayer(layer, options);
  } catch (error) {
    if (!(error instanceof LayerError)) throw error;
    throw new Refusal(error.message === INNER_NEEDED ? 500 : 400, error.message);
  }
}
