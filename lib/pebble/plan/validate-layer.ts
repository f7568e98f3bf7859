import { parseDuration } from "../duration.ts";
import { LayerError } from "../errors.ts";
import { parseCommand, splitWords } from "./command.ts";
import { SECTION_NAMES, SECTIONS } from "./fields.ts";
import type { Check, LabelledLayer, LogTarget, Service } from "./types.ts";

/**
 * What can be said of a layer without the others.
 *
 * @throws {LayerError} With Pebble's message.
 */
export function validateLayer(layer: LabelledLayer): void {
  if (layer.label.startsWith("pebble-")) fail('cannot use reserved label prefix "pebble-"');
  for (const name of Object.keys(layer.services ?? {})) serviceName(name);
  if (layer.checks && "" in layer.checks) fail("cannot use empty string as check name");
  for (const section of SECTION_NAMES) {
    for (const [name, item] of Object.entries(layer[section] ?? {})) {
      if (item === null)
        fail(`${SECTIONS[section].object} cannot be null for ${SECTIONS[section].noun} "${name}"`);
    }
  }
  for (const [name, service] of Object.entries(layer.services ?? {})) validateService(name, service);
  for (const [name, check] of Object.entries(layer.checks ?? {})) validateCheck(name, check);
  for (const [name, target] of Object.entries(layer["log-targets"] ?? {})) validateLogTarget(name, target);
}

function fail(message: string): never {
  throw new LayerError(message);
}

function serviceName(name: string): void {
  if (name === "") fail("cannot use empty string as service name");
  if (name === "pebble") fail('cannot use reserved service name "pebble"');
  if (name.startsWith("-")) fail(`cannot use service name "${name}": starting with "-" not allowed`);
}

function validateService(name: string, service: Service): void {
  attempt(`plan service "${name}" command invalid`, () => parseCommand(name, service.command ?? ""));
  action(name, "on-success", service["on-success"], "failure-shutdown");
  action(name, "on-failure", service["on-failure"], "success-shutdown");
  for (const value of Object.values(service["on-check-failure"] ?? {})) {
    action(name, "on-check-failure", value, "success-shutdown");
  }
  const factor = service["backoff-factor"];
  if (factor !== undefined && factor < 1) {
    fail(`plan service "${name}" backoff-factor must be 1.0 or greater, not ${factor}`);
  }
}

function attempt(what: string, read: () => unknown): void {
  try {
    read();
  } catch (cause) {
    fail(`${what}: ${(cause as Error).message}`);
  }
}

function action(service: string, key: string, value: string | undefined, special: string): void {
  if (value === undefined || value === "" || ["restart", "shutdown", "ignore", special].includes(value))
    return;
  fail(`plan service "${service}" ${key} action "${value}" invalid`);
}

function validateCheck(name: string, check: Check): void {
  if (check.level && !["alive", "ready"].includes(check.level)) {
    fail(`plan check "${name}" level must be "alive" or "ready"`);
  }
  if (check.startup && !["enabled", "disabled"].includes(check.startup)) {
    fail(`plan check "${name}" startup must be "enabled" or "disabled"`);
  }
  for (const key of ["period", "timeout"] as const) {
    const value = check[key];
    if (value !== undefined && parseDuration(value) === 0)
      fail(`plan check "${name}" ${key} must not be zero`);
  }
  const command = check.exec?.command;
  if (command !== undefined) attempt(`plan check "${name}" command invalid`, () => splitWords(command));
}

function validateLogTarget(name: string, target: LogTarget): void {
  for (const label of Object.keys(target.labels ?? {})) {
    if (label.startsWith("pebble_"))
      fail(`log target "${name}": label "${label}" uses reserved prefix "pebble_"`);
  }
  if (target.type && !["loki", "opentelemetry", "syslog"].includes(target.type)) {
    fail(
      `log target "${name}" has unsupported type "${target.type}", must be "loki", "opentelemetry" or "syslog"`,
    );
  }
}
