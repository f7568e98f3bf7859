import {
  type Change,
  type Layer,
  PebbleApiError,
  type PebbleClient,
  type PebbleTransport,
} from "../index.ts";

declare module "vitest" {
  interface TaskMeta {
    /** Something happens while a service starts: a busy machine needs more than the shortest time for that. */
    longStart?: true;
  }
}

/** A running Pebble to test against. */
export interface Subject {
  readonly transport: PebbleTransport;
  /** An empty directory of the container, absolute. */
  readonly directory: string;
  /** The address of its open TCP port, such as `127.0.0.1:38813`. */
  readonly httpAddress: string;
  /** Its unix socket; absent in process. */
  readonly socketPath?: string;
  close(): Promise<void>;
}

/** What the suites of a topic stand on; its members are those of the test that runs. */
export interface Ground {
  readonly pebble: PebbleClient;
  readonly transport: PebbleTransport;
  readonly directory: string;
  readonly httpAddress: string;
  /** Empty in process. */
  readonly socketPath: string;
  /** A path in the directory. */
  at(name: string): string;
  /** Ends this Pebble before the test does. */
  end(): Promise<void>;
  /** A raw request, for what the client never sends. */
  raw(method: "GET" | "POST" | "DELETE", path: string, body?: unknown): Promise<RawAnswer>;
}

/** A ground, and whether requests travel: in process no connection can break off. */
export interface Site extends Ground {
  readonly hasSocket: boolean;
}

// biome-ignore lint/suspicious/noExplicitAny: an answer of any shape, which is what is tested.
type RawAnswer = any;

export const SLEEPER = "/bin/sh -c 'echo up; exec sleep 60'";

export function service(command: string, more: object = {}): Layer {
  return { services: { web: { override: "replace", command, ...more } } };
}

/** The status of every task, by summary. */
export function outcome(change: Change): Record<string, string> {
  return Object.fromEntries(change.tasks.map((task) => [task.summary, task.status]));
}

/** Asks until it is so; the test's own timeout is the limit. */
export async function until<T>(ask: () => Promise<T>, isSo: (value: T) => boolean): Promise<T> {
  while (true) {
    const value = await ask();
    if (isSo(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Waits until services have written a line, so often. */
export async function heard({ pebble }: Ground, line: string, times = 1): Promise<void> {
  const isSo = (lines: readonly { message: string }[]) =>
    lines.filter(({ message }) => message === line).length >= times;
  await until(() => pebble.logs({ n: -1 }), isSo);
}

/** What a failing call rejects with. */
export async function failure(running: Promise<unknown>): Promise<unknown> {
  try {
    await running;
  } catch (error) {
    return error;
  }
  throw new Error("must have failed");
}

export async function refusal(
  running: Promise<unknown>,
): Promise<{ status: number; kind: string; detail: string }> {
  const error = await failure(running);
  if (!(error instanceof PebbleApiError)) throw error;
  return { status: error.status, kind: error.kind, detail: error.detail };
}
