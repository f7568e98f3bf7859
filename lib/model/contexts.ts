/** Makes the hook context of a run from the engine's world and the host's files. */

import { uuidOf } from "./commit.ts";
import { isLeader } from "./engine.ts";
import { HookContext, type HookFiles, OperationError, WorldController } from "./hook-context/index.ts";
import type { OpenContextFactory } from "./open-context.ts";
import { randomSecretId } from "./secret-ids.ts";

/** Files that a unit's hook commands may name. */
export type HookFilesOf = (unit: string) => HookFiles;

interface ContextHost {
  readonly version: string;
  readonly files?: HookFilesOf;
  readonly resource?: (unit: string, name: string) => string;
}

interface ControllerHost {
  /** Identifier of the application, as the controller's texts have it. */
  readonly applicationUuid: () => string;
  readonly resource: ((name: string) => string) | undefined;
}

/** Answers from the world, except where the host keeps the truth. */
class ModelController extends WorldController {
  readonly #host: ControllerHost;

  constructor(o: ConstructorParameters<typeof WorldController>[0], host: ControllerHost) {
    super(o);
    this.#host = host;
  }

  override resource(name: string): string {
    const known = Object.hasOwn(this.world.resources ?? {}, name);
    if (known && this.#host.resource) return this.#host.resource(name);
    try {
      return super.resource(name);
    } catch (error) {
      if (!(error instanceof OperationError)) throw error;
      const text = error.message.replace(
        /for application [^ :]+:/,
        `for application ${this.#host.applicationUuid()}:`,
      );
      throw new OperationError(text, { cause: error });
    }
  }
}

function parseVersion(text: string): { major: number; minor: number; patch: number } {
  const [major = 4, minor = 0, patch = 0] = text.split(/[.-]/).map((part) => Number.parseInt(part, 10) || 0);
  return { major, minor, patch };
}

/** The factory used unless a model is given another. */
export function hookContextFactory(host: ContextHost): OpenContextFactory {
  const version = parseVersion(host.version);
  return (e, u, { world, onImmediate }) => {
    const own = host.resource;
    const controller = new ModelController(
      { world, version, applicationExists: (name) => name in e.state.applications },
      { applicationUuid: () => uuidOf(e, u.app), resource: own ? (name) => own(u.name, name) : undefined },
    );
    return new HookContext({
      world,
      version,
      newSecretId: () => randomSecretId(e),
      now: () => new Date(e.now()),
      ...(host.files ? { files: host.files(u.name) } : {}),
      leaderNow: () => isLeader(e, u),
      onImmediate,
      controller,
    });
  };
}
