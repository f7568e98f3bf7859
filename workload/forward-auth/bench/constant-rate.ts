/** Runs the open-loop generator on its core. */
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { GENERATOR_CORE } from "./machine.ts";
import type { OpenLoopReport } from "./open-loop.ts";
import { NODE } from "./subjects.ts";

const run = promisify(execFile);

/** How to ask. */
export interface ConstantRate {
  readonly port: number;
  /** Made by `writeRequests`. */
  readonly requests: string;
  /** Requests a second. */
  readonly rate: number;
  readonly seconds: number;
  readonly connections?: number;
}

/** Asks at a constant rate for some seconds. */
export async function constantRate(options: ConstantRate): Promise<OpenLoopReport> {
  const { port, requests, rate, seconds, connections = 64 } = options;
  const script = path.join(import.meta.dirname, "open-loop.ts");
  const args = [String(port), requests, String(rate), String(seconds), String(connections)];
  const { stdout } = await run("taskset", ["-c", GENERATOR_CORE, ...NODE, script, ...args], {
    maxBuffer: 64 << 20,
  });
  return JSON.parse(stdout) as OpenLoopReport;
}
