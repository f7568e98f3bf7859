import type { Assumption, CharmContract, DeviceDef, StorageDef } from "./contract.ts";

const RANGE = /^(\d{1,9})(?:[-+]|-(\d{1,9}))?$/;
const SIZE = /^\d+(\.\d+)?([MGTPEZY](i?B)?)?$/;
const NUMBER = String.raw`\d{1,9}`;
const VERSION = String.raw`${NUMBER}(\.${NUMBER}((\.${NUMBER}|-[a-z]+${NUMBER})(\.${NUMBER})?)?)?`;
const CONDITION = new RegExp(String.raw`^([a-z][a-z0-9-]*?[a-z0-9]+)(\s*(>=|<)\s*${VERSION})?$`);

/** Faults of storage, resources, devices, bindings and assumptions. */
export function checkParts(contract: CharmContract, endpoints: readonly string[]): readonly string[] {
  const bindings = contract.extraBindings ?? [];
  return [
    ...entries(contract.storage).flatMap(([name, storage]) => checkStorage(name, storage)),
    ...entries(contract.resources).flatMap(([name, { type, filename }]) => [
      ...(name === "" ? ['resource "": must have a name (resource-name)'] : []),
      ...(type === "file" ? checkFile(name, filename) : []),
    ]),
    ...entries(contract.devices).flatMap(([name, device]) => checkDevice(name, device)),
    ...(contract.extraBindings?.length === 0 ? ["extraBindings: must not be empty (extra-bindings)"] : []),
    ...(bindings.includes("") ? ['extra binding "": must have a name (extra-bindings)'] : []),
    ...bindings
      .filter((name) => endpoints.includes(name))
      .map((name) => `extra binding "${name}": must not be an endpoint (extra-bindings)`),
    ...(contract.assumes ?? []).flatMap(checkAssumption),
  ];
}

/** @internal Names and what is under them, of a part that a contract may lack. */
export function entries<T>(part: Readonly<Record<string, T>> | undefined): readonly (readonly [string, T])[] {
  return Object.entries(part ?? {});
}

function checkStorage(name: string, storage: StorageDef): readonly string[] {
  const { type, multiple, minimumSize, location } = storage;
  return [
    ...(multiple !== undefined && !isRange(multiple)
      ? [`storage "${name}": multiple must be N, M-N, M- or M+, and allow one (storage-multiple)`]
      : []),
    ...(minimumSize !== undefined && !SIZE.test(minimumSize)
      ? [`storage "${name}": minimumSize must be a number and one of M G T P E Z Y (storage-size)`]
      : []),
    ...(type === "block" && location !== undefined
      ? [`storage "${name}": only a filesystem has a location (storage-location)`]
      : []),
  ];
}

function isRange(multiple: string): boolean {
  const [, least, most = multiple === least ? least : undefined] = RANGE.exec(multiple) ?? [];
  if (least === undefined) return false;
  return most === undefined || (Number(most) >= 1 && Number(most) >= Number(least));
}

function checkDevice(name: string, { type, countMin = 1, countMax = 1 }: DeviceDef): readonly string[] {
  const isCount = (count: number) => Number.isSafeInteger(count) && count >= 0;
  const counted = isCount(countMin) && isCount(countMax) && countMax >= countMin;
  return [
    ...(type === "" ? [`device "${name}": must have a type (device-type)`] : []),
    ...(counted
      ? []
      : [
          `device "${name}": countMin and countMax (each 1 when absent) must be whole numbers of at least 0, countMax not below countMin (device-count)`,
        ]),
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
