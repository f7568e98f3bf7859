/** As many requests as a subject answers on a number of connections: wrk, on the other core. */
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { GENERATOR_CORE } from "./machine.ts";

const run = promisify(execFile);
const SCRIPT = path.join(import.meta.dirname, "wrk.lua");

/** What wrk saw. Latencies in microseconds, from sending to the whole answer, not corrected for coordinated omission. */
export interface Burst {
  readonly requests: number;
  readonly microseconds: number;
  /** Answers with a status from 400 on. */
  readonly refused: number;
  /** Connections or requests that came to nothing. */
  readonly broken: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** How to ask. */
export interface BurstOptions {
  readonly port: number;
  /** Made by `writeRequests`. */
  readonly requests: string;
  /** Index of the first request. */
  readonly start?: number;
  readonly seconds: number;
  readonly connections: number;
}

/** Asks for some seconds. */
export async function burst({
  port,
  requests,
  start = 0,
  seconds,
  connections,
}: BurstOptions): Promise<Burst> {
  const wrk = ["wrk", "-t1", `-c${connections}`, `-d${seconds}s`, "--timeout", "10s", "-s", SCRIPT];
  const url = `http://127.0.0.1:${port}/`;
  const args = ["-c", GENERATOR_CORE, ...wrk, url, "--", requests, String(start)];
  const { stdout } = await run("taskset", args);
  const line = stdout.split("\n").findLast((text) => text.startsWith("{"));
  if (line === undefined) throw new Error(`Cannot read what wrk printed:\n${stdout}`);
  return JSON.parse(line) as Burst;
}

/** Answers a second. */
export const rateOf = ({ requests, microseconds }: Burst): number => (requests / microseconds) * 1e6;
