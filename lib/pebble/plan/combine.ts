import { LayerError } from "../errors.ts";
import { type Fields, type Item, SECTION_NAMES, SECTIONS, type SectionName } from "./fields.ts";
import type { LabelledLayer, Layer, Plan } from "./types.ts";
import { validatePlan } from "./validate-plan.ts";

type Items = Record<string, Item>;

/**
 * Lays layers over each other, the last on top. Per item, `replace` discards what is below and `merge` adds to
 * it: what is set wins, maps merge by key, lists are appended. The first `override` of an item is kept.
 *
 * @throws {LayerError} `ERR_PEBBLE_LAYER` when an item has no or an unknown `override`.
 */
export function combineLayers(layers: readonly LabelledLayer[]): Layer & Plan {
  const combined: Record<SectionName, Items> = {
    services: record(),
    checks: record(),
    "log-targets": record(),
  };
  for (const layer of layers) {
    for (const section of SECTION_NAMES) lay(combined[section], layer, section);
  }
  const { summary, description } = layers.at(-1) ?? {};
  const texts = { ...(summary && { summary }), ...(description && { description }) };
  return { ...texts, ...combined } as Layer & Plan;
}

/** Items are new objects; the lists and maps in them, which nobody writes into, are the layer's own. */
function lay(items: Items, layer: LabelledLayer, section: SectionName): void {
  const { fields, noun } = SECTIONS[section];
  for (const [name, item] of Object.entries((layer[section] ?? {}) as Items)) {
    const below = items[name];
    switch (item["override"]) {
      case "merge":
        items[name] = below ? mergeItem(fields, below, item, ["override"]) : { ...item };
        break;
      case "replace":
        items[name] = { ...item };
        break;
      case undefined:
        throw new LayerError(`layer "${layer.label}" must define "override" for ${noun} "${name}"`);
      default:
        throw new LayerError(`layer "${layer.label}" has invalid "override" value for ${noun} "${name}"`);
    }
  }
}

function mergeItem(fields: Fields, below: Item, above: Item, kept: readonly string[] = []): Item {
  const merged: Item = { ...below };
  for (const [key, kind] of Object.entries(fields)) {
    const value = above[key];
    if (value === undefined || (kept.includes(key) && below[key] !== undefined)) continue;
    if (kind === "list") merged[key] = [...((below[key] as string[]) ?? []), ...(value as string[])];
    else if (kind === "map") merged[key] = { ...(below[key] as object), ...(value as object) };
    else if (typeof kind !== "string")
      merged[key] = mergeItem(kind, (below[key] ?? {}) as Item, value as Item);
    else merged[key] = value;
  }
  return merged;
}

function record(): Items {
  return Object.create(null);
}

/**
 * The layers of one Pebble, bottom to top, after adding one more.
 *
 * @param options.combine Merge into the layer of that label if there is one; otherwise a known label is an error.
 * @param options.inner Allow a `folder/name` label to go between layers, behind the last of its folder.
 * @throws {LayerError} `ERR_PEBBLE_LAYER`; the layers given are unchanged.
 */
export function addLayer(
  layers: readonly LabelledLayer[],
  added: LabelledLayer,
  options: { readonly combine: boolean; readonly inner?: boolean },
): { readonly layers: readonly LabelledLayer[]; readonly plan: Plan } {
  const index = layers.findIndex((layer) => layer.label === added.label);
  if (index >= 0 && !options.combine) throw new LayerError(`layer "${added.label}" already exists`);
  const next = index >= 0 ? combineInto(layers, index, added) : insert(layers, added, options.inner ?? false);
  const { services, checks, "log-targets": targets } = combineLayers(next);
  const plan = { services, checks, "log-targets": targets };
  validatePlan(plan);
  return { layers: next, plan };
}

function combineInto(
  layers: readonly LabelledLayer[],
  index: number,
  added: LabelledLayer,
): readonly LabelledLayer[] {
  const merged = { ...combineLayers([layers[index]!, added]), label: added.label };
  return layers.with(index, merged);
}

/** The message when a layer would go between others; Pebble answers it with status 500. */
export const INNER_NEEDED = "cannot insert sub-directory layer without 'inner' attribute set";

function insert(
  layers: readonly LabelledLayer[],
  added: LabelledLayer,
  inner: boolean,
): readonly LabelledLayer[] {
  const folder = (label: string) => label.split("/")[0];
  const sibling = layers.findLastIndex((layer) => folder(layer.label) === folder(added.label));
  const index = sibling < 0 ? layers.length : sibling + 1;
  if (index !== layers.length && !inner) throw new LayerError(INNER_NEEDED);
  return layers.toSpliced(index, 0, added);
}
