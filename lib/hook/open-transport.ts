import { agentSocket } from "./agent-socket/transport.ts";
import { executables } from "./executables.ts";
import type { HookTransport } from "./transport.ts";

/** How a transport is opened. */
export interface OpenTransportOptions {
  /** Directory that relative file names start from. Default: that of this process. */
  readonly dir?: string;
  /** Told once when the agent's socket turns out not to be usable. */
  readonly debug?: (message: string) => void;
}

/**
 * The transport for a hook's environment: the unit agent's socket where Juju names one, else the
 * executables on `PATH`. `CHARMED_IAP_AGENT_SOCKET=off` always takes the executables.
 *
 * Nothing is opened before the first call. Close it before the process ends.
 *
 * @param env The hook's environment. Source: Juju, hook environment variables.
 */
export function openTransport(
  env: NodeJS.ProcessEnv = process.env,
  options: OpenTransportOptions = {},
): HookTransport {
  const dir = options.dir ?? process.cwd();
  const fallback = executables({ env, dir });
  const network = env["JUJU_AGENT_SOCKET_NETWORK"];
  const address = env["JUJU_AGENT_SOCKET_ADDRESS"];
  const contextId = env["JUJU_CONTEXT_ID"];
  const token = env["JUJU_AGENT_TOKEN"];
  if (!network || !address || !contextId || env["CHARMED_IAP_AGENT_SOCKET"] === "off") return fallback;
  return agentSocket({
    network,
    address,
    contextId,
    dir,
    fallback,
    ...(token ? { token } : {}),
    ...(options.debug ? { debug: options.debug } : {}),
  });
}
