/** What `--help` says. */
import { flagOf, variableOf } from "./names.ts";
import { KEYS, SPECS } from "./table.ts";

const SWITCHES = `  --config FILE
      TOML file with options by key. Flags and variables win over it.
  --alpha-config FILE
      YAML file with listeners, upstreams, headers and providers.
  --config-test
      Check the configuration and end: 0 when it is valid, 1 when not.
  --convert-config-to-alpha
      Write the configuration as such a YAML file and end.
  --version
      Write the version and end.`;

/** The usage: switches, and every option with its flag and its variable. */
export function usage(): string {
  const lines = KEYS.filter((key) => SPECS[key].flag !== null).map((key) => {
    const { about, default: usual } = SPECS[key];
    const value = usual === "" ? "" : ` (default ${usual})`;
    return `  --${flagOf(key)}, ${variableOf(key)}\n      ${about}${value}`;
  });
  return `Usage of oauth2-proxy:\n${SWITCHES}\n  check [--help]\n      Say what is wrong with the configuration, the provider and the gateway.\n\nOptions, as flags or variables:\n${lines.join("\n")}\n`;
}
