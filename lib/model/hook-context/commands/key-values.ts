import type { Call } from "../command.ts";
import { OperationError } from "../errors.ts";
import { UsageError } from "../flags.ts";
import { quote, trimSpace } from "../go/text.ts";
import { parseTextMap, YamlError } from "../go/yaml-map.ts";

/** Reads `key=value` arguments; both sides are trimmed, empty arguments are skipped. */
export function keyValues(args: readonly string[]): Map<string, string> {
  const result = new Map<string, string>();
  for (const argument of args) {
    if (trimSpace(argument) === "") continue;
    const equals = argument.indexOf("=");
    const key = trimSpace(argument.slice(0, Math.max(equals, 0)));
    if (equals < 0 || key === "") throw new UsageError(`expected "key=value", got ${quote(argument)}`);
    if (result.has(key)) throw new UsageError(`key ${quote(key)} specified more than once`);
    result.set(key, trimSpace(argument.slice(equals + 1)));
  }
  return result;
}

/** Values of a YAML file or of standard input, overridden by arguments. */
export function withFile(
  call: Call,
  file: string,
  args: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  if (file === "") return args;
  const bytes = call.readFile(file);
  try {
    return new Map([...parseTextMap(bytes), ...args]);
  } catch (error) {
    if (error instanceof YamlError) throw new OperationError(error.message, { cause: error });
    throw error;
  }
}
