import type { Assumption, CharmContract, StorageDef } from "./contract.ts";

const RANGE = /^(\d+|\d+-\d*|\d+\+)$/;
const SIZE = /^\d+(\.\d+)?[MGTPEZY]$/;
const CONDITION = /^([a-z][a-z0-9-]*?[a-z0-9]+)(\s*(>=|<)\s*\d+(\.\d+)*(-[a-z]+\d+)?)?$/;
/** Keys of the old format; with containers or assumptions Juju calls the metadata ambiguous. */
const OLD_KEYS = ["series", "min-juju-version", "deployment"];

/** Faults of storage, resources, devices, bindings, assumptions and extra keys. */
export function checkParts(contract: CharmContract, endpoints: readonly string[]): readonly string[] {
  const bindings = contract.extraBindings ?? [];
  return [
    ...entries(contract.storage).flatMap(([name, storage]) => checkStorage(name, storage)),
    ...entries(contract.resources).flatMap(([name, { type, filename }]) =>
      type === "file" ? checkFile(name, filename) : [],
    ),
    ...entries(contract.devices).flatMap(([name, { countMin = 1, countMax = countMin }]) =>
      countMin < 0 || countMax < countMin
        ? [`device "${name}": countMin must be at least 0, countMax at least countMin (device-count)`]
        : [],
    ),
    ...(contract.extraBindings?.length === 0 ? ["extraBindings: must not be empty (extra-bindings)"] : []),
    ...bindings
      .filter((name) => endpoints.includes(name))
      .map((name) => `extra binding "${name}": must not be an endpoint (extra-bindings)`),
    ...(contract.assumes ?? []).flatMap(checkAssumption),
    ...OLD_KEYS.filter((key) => contract.extra?.[key] !== undefined).map(
      (key) => `extra: "${key}" must not be there: it is of the old format (metadata-format)`,
    ),
  ];
}

function entries<T>(part: Readonly<Record<string, T>> | undefined): readonly (readonly [string, T])[] {
  return Object.entries(part ?? {});
}

function checkStorage(name: string, storage: StorageDef): readonly string[] {
  const { type, multiple, minimumSize, location } = storage;
  const [low = "0", high = ""] = (multiple ?? "").split("-");
  const turned = high !== "" && Number(high) < Number(low);
  return [
    ...(multiple !== undefined && (!RANGE.test(multiple) || turned)
      ? [`storage "${name}": multiple must be N, M-N, M- or M+ (storage-multiple)`]
      : []),
    ...(minimumSize !== undefined && !SIZE.test(minimumSize)
      ? [`storage "${name}": minimumSize must be a number and one of M G T P E Z Y (storage-size)`]
      : []),
    ...(type === "block" && location !== undefined
      ? [`storage "${name}": only a filesystem has a location (storage-location)`]
      : []),
  ];
}

function checkFile(name: string, filename: string | undefined): readonly string[] {
  if (!filename) return [`resource "${name}": a file must have a filename (resource-filename)`];
  return filename.includes("/")
    ? [`resource "${name}": the filename must not contain a slash (resource-filename)`]
    : [];
}

function checkAssumption(assumption: Assumption): readonly string[] {
  if (typeof assumption === "string") {
    return CONDITION.test(assumption)
      ? []
      : [`assumes "${assumption}": must be a feature, or one with >= or < and a version (assumes)`];
  }
  const parts = Object.entries(assumption);
  const [key = "", list] = parts[0] ?? [];
  if (parts.length !== 1 || !["any-of", "all-of"].includes(key) || !Array.isArray(list) || list.length === 0)
    return ["assumes: must be one of any-of and all-of, with a list (assumes)"];
  return list.flatMap(checkAssumption);
}
