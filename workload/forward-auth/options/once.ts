/** What the program does and then ends: converting and testing the configuration. */
import { createSessionStore } from "../session/create.ts";
import { ConfigurationError, readConfiguration, readSettings, type Settings } from "../settings.ts";
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

/** Asks the session store whether it answers. */
async function askStore(settings: Settings): Promise<void> {
  const store = createSessionStore(settings, {
    attributes: () => ({ path: "/", domain: "", secure: true, httpOnly: true, sameSite: "" }),
    headers: () => [],
    now: Date.now,
    redis: { connected: () => {}, lost: () => {}, asked: () => {} },
  });
  try {
    await store.check();
  } catch (error) {
    const message = `redis_connection_url: the session store does not answer: ${(error as Error).message}`;
    throw new ConfigurationError([{ option: "redis_connection_url", message }]);
  } finally {
    await store.close();
  }
}

/**
 * Reads and checks the whole configuration, and asks the session store.
 *
 * @throws {UsageError} When the command line has a fault.
 * @throws {ConfigurationError} Naming every other fault at once.
 */
export async function tested(
  environment: Environment,
  args: readonly string[],
): Promise<{ readonly out: string; readonly err: string }> {
  const settings = readSettings(environment, args);
  await askStore(settings);
  const err = settings.warnings.map((warning) => `warning: ${warning}\n`).join("");
  return { out: "configuration is valid\n", err };
}
