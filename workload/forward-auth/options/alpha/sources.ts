import type { HeaderSettings, HeaderValueSettings, SecretSource } from "../structure.ts";
import type { Mapping } from "./mapping.ts";

/** A secret: exactly one of `value`, `fromEnv`, `fromFile`. */
export function readSecret(mapping: Mapping): SecretSource {
  const value = mapping.bytes("value");
  const fromEnv = mapping.text("fromEnv");
  const fromFile = mapping.text("fromFile");
  if ([value, fromEnv, fromFile].filter((text) => text !== "").length !== 1) {
    mapping.faults.say(mapping.path, `${mapping.path} must have exactly one of value, fromEnv and fromFile`);
  }
  return fromFile !== "" ? { fromFile } : fromEnv !== "" ? { fromEnv } : { value };
}

function readClaim(mapping: Mapping): HeaderValueSettings {
  const claim = mapping.text("claim");
  const prefix = mapping.text("prefix");
  const secret = mapping.has("basicAuthPassword");
  const basicAuthPassword = mapping.mapping("basicAuthPassword", (inner) =>
    secret ? readSecret(inner) : undefined,
  );
  return { claimSource: { claim, prefix, basicAuthPassword } };
}

/** One value: exactly one of `secretSource` and `claimSource`. */
function readValue(mapping: Mapping): HeaderValueSettings {
  const [secret, claim] = [mapping.has("secretSource"), mapping.has("claimSource")];
  if (secret === claim) {
    mapping.faults.say(mapping.path, `${mapping.path} must have exactly one of secretSource and claimSource`);
  }
  const secretSource = mapping.mapping("secretSource", (inner) =>
    secret ? readSecret(inner) : { value: "" },
  );
  const claimed = mapping.mapping("claimSource", readClaim);
  return claim && !secret ? claimed : { secretSource };
}

/** One injected header. */
export function readHeader(mapping: Mapping): HeaderSettings {
  return {
    name: mapping.text("name"),
    preserveRequestValue: mapping.boolean("preserveRequestValue", false),
    insecureSkipHeaderNormalization: mapping.boolean("InsecureSkipHeaderNormalization", false),
    values: mapping.list("values", readValue),
  };
}
