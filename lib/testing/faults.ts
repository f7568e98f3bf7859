import type { HookAnswer, HookRequest, HookTransport } from "../hook/transport.ts";
import { PebbleUnreachableError } from "../pebble/errors.ts";
import type { PebbleResponse, PebbleTransport } from "../pebble/transport.ts";

/** A hook command that fails. */
export interface CommandFault {
  /** `relation-set`. */
  readonly command: string;
  /** Which call of it, from 1; default every one. */
  readonly call?: number;
  /** Default 1. */
  readonly exitCode?: number;
  /** What it prints on standard error; default `ERROR permission denied`. */
  readonly stderr?: string;
}

/** A request to Pebble that fails. */
export interface PebbleFault {
  /** Which request of the container, from 1; default every one that fits. */
  readonly call?: number;
  /** Beginning of method and path: `POST /v1/layers`. Default any. */
  readonly request?: string;
  /** Pebble's refusal; absent: Pebble is gone, then and for the rest of the event. */
  readonly refusal?: { readonly status: number; readonly message: string };
  /** Pebble is well, and the hook's process is killed instead. */
  readonly killed?: boolean;
}

/** What goes wrong while an event is handled. */
export interface Faults {
  /** This unit no longer leads once so many hook commands were answered. */
  readonly leadershipLostAfter?: number;
  /** The hook's process is killed once so many hook commands were answered. */
  readonly killedAfter?: number;
  readonly commands?: readonly CommandFault[];
  /** By container. */
  readonly pebble?: Readonly<Record<string, PebbleFault>>;
}

/** The process was killed: nothing it does afterwards counts. */
class Killed extends Error {}

/** Hook commands as they are answered, until something goes wrong. */
export interface FaultyHooks extends HookTransport {
  /** Every command that was answered, with its arguments. */
  readonly commands: readonly string[];
  /** Whether leadership is lost by now. */
  leadershipLost(): boolean;
  /** Ends the process: no command is answered from now on. */
  kill(): never;
}

/** Lets hook commands fail as ordered, and remembers all of them. */
export function faultyHooks(hooks: HookTransport, faults: Faults = {}): FaultyHooks {
  const commands: string[] = [];
  const { leadershipLostAfter = Number.POSITIVE_INFINITY } = faults;
  let killedAfter = faults.killedAfter ?? Number.POSITIVE_INFINITY;
  const made = new Map<string, number>();
  const refusalOf = ({ command }: HookRequest): HookAnswer | undefined => {
    if (faults.commands === undefined) return undefined;
    const call = (made.get(command) ?? 0) + 1;
    made.set(command, call);
    const fault = faults.commands.find((one) => one.command === command && (one.call ?? call) === call);
    if (fault === undefined) return undefined;
    const { exitCode = 1, stderr = "ERROR permission denied" } = fault;
    return { exitCode, stdout: new Uint8Array(), stderr: new TextEncoder().encode(`${stderr}\n`) };
  };
  return {
    commands,
    leadershipLost: () => commands.length >= leadershipLostAfter,
    close: () => hooks.close(),
    kill() {
      killedAfter = 0;
      throw new Killed("the process was killed");
    },
    run: (request) => {
      if (commands.length >= killedAfter) return Promise.reject(new Killed("the process was killed"));
      const refused = refusalOf(request);
      const answer = refused === undefined ? hooks.run(request) : Promise.resolve(refused);
      commands.push([request.command, ...request.args].join(" "));
      return answer;
    },
  };
}

/** Where the requests to a container's Pebble go. */
export interface FaultyPebble {
  readonly container: string;
  readonly transport: PebbleTransport;
  readonly fault: PebbleFault | undefined;
  /** Requests that were made, `GET /v1/plan`; each is added. */
  readonly requests: string[];
  /** Ends the process of the hook. */
  kill(): never;
}

/** Remembers requests, and lets a container's Pebble fail as ordered. */
export function faultyPebble({ container, transport, fault, requests, kill }: FaultyPebble): PebbleTransport {
  let gone = false;
  const strike = (request: string): PebbleResponse | undefined => {
    requests.push(request);
    if (fault === undefined) return undefined;
    const call = requests.length;
    const fits = (fault.call ?? call) === call && request.startsWith(fault.request ?? "");
    if (fits && fault.killed) kill();
    gone ||= fits && fault.refusal === undefined;
    if (gone) throw new PebbleUnreachableError(container);
    return fits && fault.refusal !== undefined ? refusal(fault.refusal) : undefined;
  };
  const { websocket } = transport;
  return {
    ...transport,
    request: async (request) =>
      strike(`${request.method} ${request.path}`) ?? (await transport.request(request)),
    ...(websocket && {
      websocket: async (path) => {
        if (strike(`GET ${path}`) !== undefined) throw new PebbleUnreachableError(container);
        return await websocket(path);
      },
    }),
  };
}

function refusal({ status, message }: { readonly status: number; readonly message: string }): PebbleResponse {
  const body = { type: "error", "status-code": status, result: { message } };
  return {
    status,
    headers: { "content-type": "application/json" },
    body: new TextEncoder().encode(JSON.stringify(body)),
  };
}
