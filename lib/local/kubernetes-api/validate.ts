import { ApiStatus } from "./errors.ts";
import { isObject, type Json, type JsonObject } from "./merge.ts";

const MAX_PORT = 65_535;
const QUANTITY = /^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$/;

/**
 * Refuses what the API server refuses and charms get wrong: ports of Services, and amounts of resources.
 *
 * @throws {ApiStatus} 422
 */
export function validate(resource: string, name: string, body: JsonObject): void {
  if (resource === "services") validatePorts(name, body);
  if (resource === "statefulsets") validateAmounts(body);
}

function validatePorts(name: string, body: JsonObject): void {
  const spec = isObject(body["spec"]) ? body["spec"] : {};
  const ports = Array.isArray(spec["ports"]) ? spec["ports"] : [];
  for (const [index, entry] of ports.entries()) {
    const port = isObject(entry) ? entry["port"] : undefined;
    if (typeof port === "number" && Number.isInteger(port) && port >= 1 && port <= MAX_PORT) continue;
    const text = `spec.ports[${index}].port: Invalid value: ${JSON.stringify(port)}: must be between 1 and ${MAX_PORT}, inclusive`;
    throw new ApiStatus(422, "Invalid", `Service "${name}" is invalid: ${text}`);
  }
}

function validateAmounts(body: Json | undefined): void {
  if (Array.isArray(body)) body.forEach(validateAmounts);
  if (!isObject(body)) return;
  for (const [key, value] of Object.entries(body)) {
    if (key !== "resources" || !isObject(value)) validateAmounts(value);
    else for (const amounts of [value["limits"], value["requests"]]) validateEach(amounts);
  }
}

function validateEach(amounts: Json | undefined): void {
  if (!isObject(amounts)) return;
  for (const amount of Object.values(amounts)) {
    if (amount === null || amount === undefined || QUANTITY.test(String(amount))) continue;
    const text = `quantities must match the regular expression '${QUANTITY.source}'`;
    throw new ApiStatus(
      422,
      "Invalid",
      ` "" is invalid: patch: Invalid value: ${JSON.stringify(amount)}: ${text}`,
    );
  }
}
