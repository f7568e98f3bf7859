/** What the program does and then ends: converting and testing the configuration. */
import { ConfigurationError, readConfiguration, readSettings } from "../settings.ts";
import { writeAlpha } from "./alpha/write.ts";
import type { Switches } from "./flags.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Two switches that cannot be given together; undefined when none are. */
export function conflict({ alphaConfig, configTest, convertConfigToAlpha }: Switches): string | undefined {
  if (!convertConfigToAlpha) return undefined;
  if (alphaConfig !== "") return "cannot use alpha-config and convert-config-to-alpha together";
  return configTest ? "cannot use config-test and convert-config-to-alpha together" : undefined;
}

/**
 * The flat options of listeners, upstreams, headers and the provider as an alpha configuration; nothing is checked beside
 * that they can be read.
 *
 * @throws {UsageError} When the command line has a fault.
 * @throws {ConfigurationError} When something cannot be read.
 */
export function converted(environment: Environment, args: readonly string[]): string {
  const { structure, faults } = readConfiguration(environment, args);
  if (structure === undefined || faults.list.length > 0) throw new ConfigurationError(faults.list);
  return writeAlpha(structure);
}

/**
 * Reads and checks the whole configuration.
 *
 * @throws {UsageError} When the command line has a fault.
 * @throws {ConfigurationError} Naming every other fault at once.
 */
export function tested(environment: Environment, args: readonly string[]): string {
  const { warnings } = readSettings(environment, args);
  return [...warnings.map((warning) => `warning: ${warning}`), "configuration is valid", ""].join("\n");
}
