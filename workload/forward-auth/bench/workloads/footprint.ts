/** What the program costs beside decisions: start, memory, log. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Bench } from "../bench.ts";
import { burst, rateOf } from "../closed-loop.ts";
import { median } from "../compare.ts";
import { residentMiB } from "../machine.ts";
import type { Measurement, Result, Row } from "../measurement.ts";
import { cookieHeader, HYDRA, sessionValue } from "../mint/cookie.ts";
import { requestText, writeRequests } from "../requests.ts";
import type { SubjectName } from "../subjects.ts";
import { AUTH } from "./closed-loop.ts";
import { maximum, sessionRequests } from "./latency.ts";

const exec = promisify(execFile);
const BOTH: readonly SubjectName[] = ["ours", "oauth2-proxy"];
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Values of both, of which less is better. */
function lessRow(label: string, unit: string, ours: number, upstream: number, most?: number): Row {
  return {
    label,
    unit,
    values: { ours, "oauth2-proxy": upstream },
    ratio: upstream / ours,
    ...(most === undefined ? {} : { target: `≤ ${most} ${unit}`, met: ours <= most }),
  };
}

/** Time to the first 200 on `/ready`, and memory two seconds later. */
async function start(bench: Bench): Promise<Result> {
  const times = new Map<SubjectName, number[]>(BOTH.map((name) => [name, []]));
  const memory = new Map<SubjectName, number[]>(BOTH.map((name) => [name, []]));
  for (let round = 0; round < (bench.effort.quick ? 3 : 20); round++) {
    for (const name of BOTH) {
      const subject = await bench.start(name);
      times.get(name)?.push(subject.startedIn);
      if (round < 3) {
        await pause(2000);
        memory.get(name)?.push(residentMiB(subject.pid).now);
      }
      await subject.close();
    }
  }
  const of = (map: ReadonlyMap<SubjectName, readonly number[]>, name: SubjectName) =>
    median(map.get(name) ?? []);
  return {
    rows: [
      lessRow("start: process to /ready", "ms", of(times, "ours"), of(times, "oauth2-proxy"), 300),
      lessRow("memory: idle", "MiB", of(memory, "ours"), of(memory, "oauth2-proxy"), 80),
    ],
    raw: { times: Object.fromEntries(times), memory: Object.fromEntries(memory) },
  };
}

const KEPT = 100_000;

/** Memory with 100,000 sessions, each of which was asked about twice in a row so that it stays known. */
async function memory(bench: Bench): Promise<Result> {
  const file = `${bench.folder}/kept.requests`;
  let before = "";
  writeRequests(file, KEPT * 2, (index) => {
    if (index % 2 === 0)
      before = requestText({ target: AUTH, lines: [`Cookie: ${cookieHeader(sessionValue(HYDRA, index))}`] });
    return before;
  });
  const found: Partial<Record<SubjectName, number>> = {};
  for (const name of BOTH) {
    const subject = await bench.start(name);
    for (let asked = 0; asked < KEPT * 2; ) {
      const { requests } = await burst({
        port: subject.port,
        requests: file,
        start: asked,
        seconds: 2,
        connections: 1,
      });
      asked += requests;
    }
    found[name] = residentMiB(subject.pid).now;
    await subject.close();
  }
  const { ours = 0, "oauth2-proxy": upstream = 0 } = found;
  return {
    rows: [lessRow("memory: 100,000 sessions decided", "MiB", ours, upstream, 180)],
    raw: found,
  };
}

/** Calls of write(2) and its kin a decision, counted by strace for two seconds. */
async function writesOf(name: SubjectName, bench: Bench, requests: string): Promise<number> {
  const subject = await bench.start(name);
  await burst({ port: subject.port, requests, seconds: 1, connections: 32 });
  const traced = exec(
    "timeout",
    [
      "-s",
      "INT",
      "2",
      "strace",
      "-f",
      "-c",
      "-e",
      "trace=write,writev,sendto,sendmsg",
      "-p",
      String(subject.pid),
    ],
    {},
  ).catch((error: { stderr?: string }) => ({ stderr: error.stderr ?? "" }));
  const before = (await subject.answers())?.get("202") ?? 0;
  await burst({ port: subject.port, requests, seconds: 3, connections: 32 });
  const answers = ((await subject.answers())?.get("202") ?? 0) - before;
  const { stderr } = await traced;
  await subject.close();
  const calls = Array.from(
    stderr.matchAll(/^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+).*(?:write|writev|sendto|sendmsg)$/gm),
  );
  const total = calls.reduce((sum, [, count]) => sum + Number(count), 0);
  return total / answers;
}

/** Throughput with the log on over throughput with it off, and what happens when nobody reads the log for five seconds. */
async function log(bench: Bench): Promise<Result> {
  const requests = sessionRequests(bench);
  const share: Partial<Record<SubjectName, number>> = {};
  for (const name of BOTH) {
    const [on, off] = [await bench.start(name), await bench.start(name, ["--request-logging=false"])];
    const rates = { on: [] as number[], off: [] as number[] };
    await maximum(on, requests, bench);
    await maximum(off, requests, bench);
    for (let round = 0; round < bench.effort.rounds; round++) {
      const ask = (port: number) =>
        burst({ port, requests, seconds: bench.effort.seconds, connections: bench.effort.connections });
      rates.on.push(rateOf(await ask(on.port)));
      rates.off.push(rateOf(await ask(off.port)));
    }
    share[name] = (1 - median(rates.on) / median(rates.off)) * 100;
    await Promise.all([on.close(), off.close()]);
  }
  const writes: Partial<Record<SubjectName, number>> = {};
  for (const name of BOTH) writes[name] = await writesOf(name, bench, requests);
  const stalled: Partial<Record<SubjectName, number>> = {};
  for (const name of BOTH) stalled[name] = await stall(name, bench, requests);
  const { ours = 0, "oauth2-proxy": upstream = 0 } = share;
  return {
    rows: [
      {
        label: "log: throughput lost to it",
        unit: "%",
        values: { ours, "oauth2-proxy": upstream },
        target: "≤ 30 %",
        met: ours <= 30,
      },
      { label: "log: system calls that write, a decision", unit: "calls", values: writes },
      {
        label: "log: answers while nobody reads it for 5 s",
        unit: "answers",
        values: stalled,
        target: "goes on",
        met: (stalled.ours ?? 0) > 1000,
      },
    ],
    raw: { share, writes, stalled },
  };
}

/** Answers in five seconds in which the reader of the log is stopped. */
async function stall(name: SubjectName, bench: Bench, requests: string): Promise<number> {
  const subject = await bench.start(name);
  await burst({ port: subject.port, requests, seconds: 1, connections: 32 });
  const before = (await subject.answers())?.get("202") ?? 0;
  subject.holdLog(true);
  const asking = burst({ port: subject.port, requests, seconds: 5, connections: 32 });
  await pause(5000);
  subject.holdLog(false);
  await asking;
  const after = (await subject.answers())?.get("202") ?? 0;
  await subject.close();
  return after - before;
}

/** The measurements. */
export const FOOTPRINT: readonly Measurement[] = [
  { id: "start", about: "time to ready, idle memory", quick: true, run: start },
  { id: "memory", about: "memory with 100,000 sessions", quick: false, run: memory },
  { id: "log", about: "what the request log costs", quick: false, run: log },
];
