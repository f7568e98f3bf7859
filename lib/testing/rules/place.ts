import { isIP } from "node:net";
import { PortRangeError, parsePortRange } from "../../model/hook-context/ports.ts";
import { isUnitName } from "../../model/names.ts";
import { bindingsOf, portText } from "../world-of-state.ts";
import { type Checked, isAtLeast, isCount, repeated, textsOnly, unknownNames } from "./checked.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const MODEL = /^[a-z0-9][a-z0-9-]*$/;
/** Bytes of a key and of a value of what a unit keeps in the controller. */
const STATE_LIMITS = { key: 256, value: 65_536 };
const UNIT_STATUSES = ["unknown", "active", "blocked", "waiting", "maintenance", "error"];

/** The unit, its model and its machine. */
export function placeRules(checked: Checked): void {
  const { contract, state, place, report } = checked;
  if (!isUnitName(place.unit))
    report("unit", `"${place.unit}" is not a unit's name, must be application/number`);
  if (!MODEL.test(place.model)) report("model", `"${place.model}" is not a model's name`);
  if (!UUID.test(place.uuid)) report("modelUuid", `"${place.uuid}" is not a UUID`);
  if (!/^[34]\.\d+(\.\d+)*(-[a-z0-9.]+)?$/.test(place.version))
    report("jujuVersion", `"${place.version}" is not a version of Juju 3 or 4`);
  const machine = state.modelType === "machine";
  if (machine && Object.keys(contract.containers ?? {}).length > 0)
    report("modelType", "a charm with containers runs on kubernetes only");
  for (const key of ["machine", "zone"] as const)
    if (!machine && state[key] !== undefined) report(key, "only a unit on a machine model has one");
  principalRules(checked);
  if (state.credential !== undefined && !machine && !isAtLeast(place.version, 3, 6, 10))
    report("credential", `Juju ${place.version} has none on kubernetes, 3.6.10 and later do`);
  statusRules(checked);
  textsOnly(report, "state", state.state ?? {});
  stateLimits(checked);
}

function stateLimits({ state, report }: Checked): void {
  for (const [key, value] of Object.entries(state.state ?? {})) {
    const sizes = { key: Buffer.byteLength(key), value: Buffer.byteLength(String(value)) };
    for (const part of ["key", "value"] as const)
      if (sizes[part] > STATE_LIMITS[part])
        report(
          `state.${key.slice(0, 20)}`,
          `a ${part} must have at most ${STATE_LIMITS[part]} bytes, has ${sizes[part]}`,
        );
  }
}

function principalRules({ contract, state, report }: Checked): void {
  const { principal } = state;
  if (principal === undefined) return;
  if (contract.subordinate !== true) report("principal", "the charm is not a subordinate");
  if (!isUnitName(principal)) report("principal", `"${principal}" is not a unit's name`);
}

function statusRules({ state, place, report }: Checked): void {
  const { unitStatus, appStatus, peerStatuses = {} } = state;
  const statuses = { unitStatus, appStatus, ...prefixed("peerStatuses", peerStatuses) };
  for (const [path, status] of Object.entries(statuses)) {
    if (status !== undefined && !UNIT_STATUSES.includes(status.name))
      report(`${path}.name`, `"${status.name}" is no status, must be one of ${UNIT_STATUSES.join(", ")}`);
  }
  for (const number of Object.keys(peerStatuses)) {
    const unit = `${place.app}/${number}`;
    if (!isUnitName(unit)) report("peerStatuses", `"${number}" is not a unit's number`);
    if (unit === place.unit) report("peerStatuses", `${unit} is the unit itself, give its unitStatus`);
  }
}

function prefixed<T>(path: string, values: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [`${path}.${key}`, value]));
}

/** Networks, ports, storage, resources: what the unit is given. */
export function assetRules(checked: Checked): void {
  const { contract, state } = checked;
  unknownNames(checked, "networks", state.networks, bindingsOf(contract));
  unknownNames(checked, "storage", state.storage, Object.keys(contract.storage ?? {}));
  const images = Object.values(contract.containers ?? {}).map(({ image }) => image);
  unknownNames(checked, "resources", state.resources, [...Object.keys(contract.resources ?? {}), ...images]);
  networkRules(checked);
  portRules(checked);
  storageRules(checked);
}

function networkRules({ state, report }: Checked): void {
  const address = (path: string, value: string | undefined) => {
    if (value !== undefined && isIP(value) === 0) report(path, `"${value}" is not an IP address`);
  };
  for (const [endpoint, network] of Object.entries(state.networks ?? {})) {
    if (typeof network === "string") continue;
    const path = `networks.${endpoint}`;
    address(`${path}.bindAddress`, network.bindAddress);
    address(`${path}.ingressAddress`, network.ingressAddress);
    for (const [index, subnet] of (network.egressSubnets ?? []).entries())
      if (!isSubnet(subnet))
        report(`${path}.egressSubnets[${index}]`, `"${subnet}" is not a subnet, 10.0.0.0/8 is`);
    for (const [name, { addresses }] of Object.entries(network.interfaces ?? {}))
      for (const [index, { value }] of addresses.entries())
        address(`${path}.interfaces.${name}.addresses[${index}].value`, value);
  }
}

function isSubnet(text: string): boolean {
  const [address = "", bits = "", ...rest] = text.split("/");
  const most = isIP(address) === 6 ? 128 : 32;
  return isIP(address) !== 0 && /^\d+$/.test(bits) && Number(bits) <= most && rest.length === 0;
}

function portRules({ state, report }: Checked): void {
  const ports = (state.openedPorts ?? []).map(portText);
  for (const port of repeated(ports)) report("openedPorts", `${port} is there twice`);
  for (const [index, port] of ports.entries()) {
    const path = `openedPorts[${index}]`;
    try {
      const { from, to, protocol } = parsePortRange(port);
      const machine = state.modelType === "machine";
      if (!machine && (protocol === "icmp" || from !== to))
        report(path, `${port} cannot be opened on kubernetes, single tcp and udp ports can`);
      if (from === 0) report(path, `${port} cannot be opened, ports begin at 1`);
    } catch (error) {
      if (!(error instanceof PortRangeError)) throw error;
      report(path, error.message);
    }
  }
}

function storageRules({ contract, storage, report }: Checked): void {
  for (const id of repeated(storage.map((one) => one.id))) report("storage", `${id} is there twice`);
  for (const { id, name, location } of storage)
    if (!location.startsWith("/"))
      report(`storage.${name}`, `the location of ${id} must be an absolute path`);
  for (const [name, { multiple }] of Object.entries(contract.storage ?? {})) {
    const count = storage.filter((one) => one.name === name).length;
    const most = mostOf(multiple);
    if (count > most) report(`storage.${name}`, `has ${count} instances, the charm allows ${most}`);
  }
}

/** `2` and `0-2` allow two, `1+` any number; without a word it is one. */
function mostOf(multiple = "1"): number {
  return /[+-]$/.test(multiple) ? Number.POSITIVE_INFINITY : Number(multiple.split("-").at(-1));
}

/** Units that should be: this one unless it goes, and every peer that stays. */
export function plannedRules({ state, event, listed, place, report }: Checked): void {
  const { plannedUnits } = state;
  if (plannedUnits === undefined) return;
  if (!isCount(plannedUnits)) {
    report("plannedUnits", `must be a whole number from 0, is ${plannedUnits}`);
    return;
  }
  const peers = listed.filter(({ definition }) => definition.role === "peer");
  const staying = peers.map(({ given: { units = 0 } }) =>
    typeof units === "number" ? units : Object.values(units).filter(({ dying }) => dying !== true).length,
  );
  const goes = ["stop", "remove"].includes(event.event ?? "") || event.departingUnit === place.unit;
  const least = Math.max(0, ...staying) + (goes || plannedUnits === 0 ? 0 : 1);
  if (plannedUnits < least)
    report(
      "plannedUnits",
      `must be at least ${least}, is ${plannedUnits}: a peer that goes is "dying: true"`,
    );
}
