import type { Controller, Surroundings } from "./command.ts";
import { juju } from "./juju.ts";

/** Answers of a controller by method; what is not there is a fault of the test. */
export type Answers = Readonly<Record<string, (params: Record<string, unknown>) => unknown>>;

/** What a command line printed; `both` has the two streams in the order of writing. */
export interface Printed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly both: string;
  /** Methods that were called, with their params. */
  readonly calls: readonly (readonly [method: string, params: Record<string, unknown>])[];
}

/** Runs one command line against answers, without a controller. */
export async function runJuju(
  argv: readonly string[],
  answers: Answers = {},
  around: Partial<Surroundings> = {},
): Promise<Printed> {
  let stdout = "";
  let stderr = "";
  let both = "";
  const calls: [string, Record<string, unknown>][] = [];
  const controller = {
    call: async (method: string, params: Record<string, unknown>) => {
      calls.push([method, params]);
      const reply = answers[method];
      if (!reply) throw new TypeError(`the test has no answer to "${method}"`);
      return reply(params);
    },
    close: () => undefined,
  };
  const code = await juju(argv, {
    env: {},
    cwd: "/",
    signal: new AbortController().signal,
    juju: "4.0.15",
    terminal: false,
    out: (text) => {
      stdout += text;
      both += text;
    },
    err: (text) => {
      stderr += text;
      both += text;
    },
    input: async () => "",
    connect: async () => controller as unknown as Controller,
    ...around,
  });
  return { code, stdout, stderr, both, calls };
}
