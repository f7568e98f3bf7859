/**
 * The unit agent of the benchmark. The answers are those of the model's own hook context, written down in a first
 * run, so that measured runs pay for nothing but looking them up.
 *
 * @module
 */
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { commandFolder } from "../../hook/fixtures/agent.ts";
import { HOOK_COMMANDS, type HookAnswer, serveAgentSocket } from "../../hook/index.ts";
import { HookContext } from "../../model/hook-context/index.ts";
import { environmentOfEvent } from "../../testing/environment-of-event.ts";
import { inputOf } from "../../testing/input-of-event.ts";
import type { AnyState } from "../../testing/state.ts";
import { worldOfState } from "../../testing/world-of-state.ts";
import type { CharmContract } from "../contract.ts";

/** An event over a state, as an agent would offer it. */
export interface Scene {
  readonly contract: CharmContract;
  readonly state: AnyState;
  readonly event: string;
}

/** A running agent. */
export interface Agent {
  /** Juju's variables, without PATH. */
  readonly env: Readonly<Record<string, string>>;
  /** How many commands the hooks have asked for since the last call of this. */
  taken(): number;
  /** Writes what was answered until now into a file for `native/hook-command.c`. */
  writeAnswers(file: string): Promise<void>;
  close(): Promise<void>;
}

/** Serves the socket; each command is worked out once and remembered. */
export async function startAgent({ contract, state, event }: Scene, folder: string): Promise<Agent> {
  const input = inputOf(contract, { event }, state);
  const answers = new Map<string, HookAnswer>();
  let count = 0;
  const context = new HookContext({
    world: worldOfState(input),
    version: { major: 4, minor: 0 },
    newSecretId: () => "00000000000000000009",
    now: () => new Date("2026-01-01T00:00:00Z"),
  });
  await mkdir(folder, { recursive: true });
  const socket = path.join(folder, "agent.socket");
  const server = await serveAgentSocket({
    path: socket,
    handle: ({ command, args, stdin }) => {
      count += 1;
      const key = `${[command, ...args].join("\0")}\0`;
      const known = answers.get(key);
      if (known !== undefined) return known;
      const answer = context.run(command, args, stdin);
      if (answer.needsStdin) return "needs stdin";
      answers.set(key, answer);
      return answer;
    },
  });
  return {
    env: {
      ...environmentOfEvent(input),
      JUJU_CONTEXT_ID: `${input.place.unit}-${event}-1`,
      JUJU_AGENT_SOCKET_NETWORK: "unix",
      JUJU_AGENT_SOCKET_ADDRESS: socket,
    },
    taken: () => {
      const taken = count;
      count = 0;
      return taken;
    },
    writeAnswers: (file) => writeFile(file, Buffer.concat([...answers].flatMap(record))),
    close: async () => void (await server.close({ limitMs: 1000 })),
  };
}

function record([key, { exitCode, stdout, stderr }]: [string, HookAnswer]): Uint8Array[] {
  const code = Buffer.alloc(4);
  code.writeUInt32LE(exitCode);
  return [...withLength(Buffer.from(key)), code, ...withLength(stdout), ...withLength(stderr)];
}

function withLength(bytes: Uint8Array): Uint8Array[] {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.byteLength);
  return [length, bytes];
}

/** A folder of hook commands that are links to one program. */
export async function linkCommands(folder: string, program: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await Promise.all(HOOK_COMMANDS["4.x"].map((name) => symlink(program, path.join(folder, name))));
}

/** A folder of hook commands that ask the agent, for the first run. */
export async function askingCommands(): Promise<{ readonly folder: string; remove(): Promise<void> }> {
  const folder = await commandFolder();
  return { folder, remove: () => rm(folder, { recursive: true }) };
}
