import { endpointsOf } from "../../charm/contract.ts";
import { isApplicationName } from "../../model/names.ts";
import { type Checked, isCount, repeated, textsOnly, unknownNames } from "./checked.ts";

/** Relations: declared, told apart, no more than allowed, with units and databags that can be. */
export function relationRules(checked: Checked): void {
  const { contract, state, listed, relations, report } = checked;
  const endpoints = endpointsOf(contract);
  unknownNames(
    checked,
    "relations",
    state.relations,
    endpoints.map(([name]) => name),
  );
  for (const id of repeated(relations.map(({ id }) => id))) report("relations", `id ${id} is there twice`);
  for (const [name, { role, options }] of endpoints) {
    const count = relations.filter(({ endpoint }) => endpoint === name).length;
    if (role === "peer" && count !== 1)
      report(`relations.${name}`, `a peer relation is there once, not ${count} times`);
    else if (options.limit !== undefined && count > options.limit)
      report(`relations.${name}`, `has ${count} relations, the charm's limit is ${options.limit}`);
  }
  for (const [index, one] of listed.entries()) {
    const relation = relations[index];
    if (relation !== undefined) oneRelation(checked, one, relation.members);
  }
}

type Listed = Checked["listed"][number];

function oneRelation(
  checked: Checked,
  { definition, given, path }: Listed,
  members: readonly string[],
): void {
  const { place, report } = checked;
  const { id, remoteApp } = given;
  if (id !== undefined && !isCount(id)) report(`${path}.id`, `must be a whole number from 0, is ${id}`);
  if (definition.role === "peer") {
    if (remoteApp !== undefined) report(`${path}.remoteApp`, "peers are of the same application");
    if (members.includes(place.unit)) report(`${path}.units`, `must not name the unit itself, ${place.unit}`);
    if (given.siblings !== undefined)
      report(`${path}.siblings`, 'the other units of a peer relation are its "units"');
  } else if (remoteApp !== undefined && !isApplicationName(remoteApp)) {
    report(`${path}.remoteApp`, `"${remoteApp}" is not an application's name`);
  }
  const own = place.unit.slice(place.unit.lastIndexOf("/") + 1);
  if (Object.hasOwn(given.siblings ?? {}, own))
    report(`${path}.siblings`, `must not name the unit itself, ${place.unit}`);
  if (definition.options.scope === "container" && members.length > 1)
    report(`${path}.units`, "a relation of container scope has one remote unit");
  unitNumbers(checked, { definition, given, path, endpoint: "" });
  for (const side of ["localAppRaw", "localUnitRaw", "remoteAppRaw"] as const)
    textsOnly(report, `${path}.${side}`, given[side] ?? {});
}

function unitNumbers({ report }: Checked, { given, path }: Listed): void {
  const { units } = given;
  if (typeof units === "number") {
    if (!isCount(units)) report(`${path}.units`, `must be a whole number from 0, is ${units}`);
    return;
  }
  for (const [number, { raw }] of Object.entries({ ...units, ...given.siblings })) {
    if (!/^(0|[1-9]\d*)$/.test(number)) report(`${path}.units.${number}`, "is not a unit's number");
    textsOnly(report, `${path}.units[${number}].raw`, raw ?? {});
  }
}
