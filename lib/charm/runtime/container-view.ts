import { isCharmError } from "../../hook/errors.ts";
import { PebbleClient } from "../../pebble/client.ts";
import type { PebbleRequest, PebbleTransport } from "../../pebble/transport.ts";
import type { Container, ExecOptions } from "../container.ts";
import { ContainerUnreachableError } from "../errors.ts";
import { type JujuFeature, requireJuju } from "../juju-version.ts";
import { applyPlan } from "./apply-plan.ts";

/** What a container of the hook is made of. */
export interface ContainerInput {
  readonly name: string;
  readonly transport: PebbleTransport;
  /** From a path in the container to the text its programs must be given. */
  readonly path: (absolute: string) => string;
  /** The running Juju, whose Pebble this is; without it nothing is taken for too old. */
  readonly jujuVersion?: string;
  /** Told when Pebble does not answer. */
  readonly unreachable: (container: string) => void;
}

/** Milliseconds a command may take unless told otherwise. */
const EXEC_TIMEOUT_MS = 60_000;

/** A container as handlers see it. */
export function containerView(input: ContainerInput): Container {
  const { name, path, jujuVersion = "" } = input;
  const pebble = new PebbleClient(guarded(input));
  let connected: Promise<boolean> | undefined;
  return {
    name,
    pebble,
    path,
    canConnect: () => {
      connected ??= answers(pebble);
      return connected;
    },
    apply: async (plan) => {
      if (Object.keys(plan["log-targets"] ?? {}).length > 0) requireJuju(jujuVersion, "log forwarding");
      return await applyPlan({ container: name, pebble, plan });
    },
    exec: async (command, options) => {
      if (options?.serviceContext !== undefined) requireJuju(jujuVersion, "exec in a service's context");
      return await pebble.exec(command, execOptions(options));
    },
    startExec: async (command, options) => {
      if (options?.serviceContext !== undefined) requireJuju(jujuVersion, "exec in a service's context");
      return await pebble.startExec(command, execOptions(options));
    },
    pull: (file) => pebble.findText(file),
    push: (file, content, options) => pebble.write(file, content, { makeDirs: true, ...options }),
    pushPath: (sources, directory) => pebble.pushPath(sources, directory),
    pullPath: (sources, directory) => pebble.pullPath(sources, directory),
    exists: async (file) => (await pebble.stat(file)) !== undefined,
    isDirectory: async (file) => (await pebble.stat(file))?.type === "directory",
    files: async (directory, options) => (await pebble.findFiles(directory, options)) ?? [],
    makeDir: (directory, options) => pebble.makeDir(directory, { ...options, makeParents: true }),
    remove: (file) => pebble.remove(file, { recursive: true }),
    list: async (directory) => ((await pebble.findFiles(directory)) ?? []).map((entry) => entry.name).sort(),
    signal: (name, ...services) => pebble.signal(name, services),
    checks: (...names) => pebble.checks({ names }),
    start: (...services) => onKnown(pebble, services, (known) => pebble.start(known)),
    restart: (...services) => onKnown(pebble, services, (known) => pebble.restart(known)),
    stop: (...services) => onKnown(pebble, services, (known) => pebble.stop(known)),
    running: async (service) => (await pebble.services([service]))[0]?.current === "active",
  };
}

function execOptions(options: ExecOptions = {}) {
  return { timeoutMs: EXEC_TIMEOUT_MS, ...options };
}

async function answers(pebble: PebbleClient): Promise<boolean> {
  try {
    await pebble.systemInfo();
    return true;
  } catch (error) {
    if (error instanceof ContainerUnreachableError) return false;
    throw error;
  }
}

async function onKnown(
  pebble: PebbleClient,
  services: readonly string[],
  act: (known: readonly string[]) => Promise<unknown>,
): Promise<void> {
  const known = (await pebble.services(services)).map((service) => service.name);
  if (services.length > 0 && known.length > 0) await act(known);
}

/** The transport, with "nothing answers" turned into an error that names the container. */
function guarded({ name, transport, jujuVersion = "", unreachable }: ContainerInput): PebbleTransport {
  const guard = <T>(answer: Promise<T>): Promise<T> =>
    answer.catch((cause: unknown) => {
      if (!isUnreachable(cause)) throw cause;
      unreachable(name);
      throw new ContainerUnreachableError(name, { cause });
    });
  const gate = async (feature: JujuFeature, request: PebbleRequest) => {
    requireJuju(jujuVersion, feature);
    return await guard(transport.request(request));
  };
  const { stream, websocket } = transport;
  return {
    request: (request) => {
      const feature = GATED.find(([path]) => request.path.startsWith(path))?.[1];
      return feature === undefined ? guard(transport.request(request)) : gate(feature, request);
    },
    close: () => transport.close(),
    ...(stream === undefined ? {} : { stream: (request) => guard(stream.call(transport, request)) }),
    ...(websocket === undefined ? {} : { websocket: (path) => guard(websocket.call(transport, path)) }),
  };
}

/** What an older Juju's Pebble answers with "not found". */
const GATED: readonly (readonly [string, JujuFeature])[] = [
  ["/v1/identities", "Pebble identities"],
  ["/v1/metrics", "Pebble metrics"],
];

function isUnreachable(error: unknown): boolean {
  return isCharmError(error) && error.code === "ERR_PEBBLE_UNREACHABLE";
}
