/**
 * What one call of a hook command costs over each transport, as a hook makes them: one after the other, and
 * with the executables also side by side.
 *
 * `node lib/hook/bench/transports.ts [--calls N]`
 *
 * @module
 */
import { rm } from "node:fs/promises";
import { answer, commandFolder, type Kind, serve } from "../fixtures/agent.ts";
import { isLeader } from "../index.ts";

async function measure(kind: Kind, commands: string, calls: number): Promise<string> {
  const served = await serve(kind, () => answer("true\n"), commands);
  await isLeader(served.transport);
  const inTurn = await time(async () => {
    for (let call = 0; call < calls; call += 1) await isLeader(served.transport);
  });
  const atOnce = await time(() =>
    Promise.all(Array.from({ length: calls }, () => isLeader(served.transport))),
  );
  await served.close();
  const each = (ms: number): string => `${(ms / calls).toFixed(3)} ms`;
  return `${kind}: ${each(inTurn)} a call in turn, ${each(atOnce)} at once (${calls} calls)`;
}

async function time(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

const at = process.argv.indexOf("--calls");
const calls = at < 0 ? 20 : Number(process.argv[at + 1]);
const commands = await commandFolder();
console.log(await measure("inProcess", commands, calls * 100));
console.log(await measure("agentSocket", commands, calls * 100));
console.log(await measure("executables", commands, calls));
await rm(commands, { recursive: true });
