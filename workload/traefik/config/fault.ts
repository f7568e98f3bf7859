/** A configuration that Traefik would refuse. */
export class ConfigFault extends Error {
  readonly code = "ERR_CONFIG";
  override readonly name = "ConfigFault";
}
