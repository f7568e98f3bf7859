import { spawn } from "node:child_process";
import path from "node:path";
import { describe, expect, test } from "vitest";

const SOURCE = path.join(import.meta.dirname, "runtime/debug-at.ts");
const PROGRAM = `
const { waitForDebugger } = await import(${JSON.stringify(SOURCE)});
waitForDebugger(process.argv[1], process.argv[2]);
console.log("ran");`;

/** Runs a hook that stops where `JUJU_DEBUG_AT` says; a debugger that comes lets it go on. */
async function hookWith(
  at: string,
  dispatchPath: string,
): Promise<{ saidBefore: string | undefined; said: string }> {
  // Any free port: others may be debugged on this machine.
  const child = spawn(process.execPath, [
    "--inspect-port=0",
    "--input-type=module",
    "-e",
    PROGRAM,
    at,
    dispatchPath,
  ]);
  let [said, told] = ["", ""];
  let saidBefore: string | undefined;
  child.stdout.on("data", (chunk) => {
    said += chunk;
  });
  child.stderr.on("data", (chunk) => {
    told += chunk;
    const address = /ws:\/\/127\.0\.0\.1:\d+\/\S+/.exec(told)?.[0];
    if (address === undefined || saidBefore !== undefined) return;
    saidBefore = "";
    // Time enough to say something, if it did not stand still.
    setTimeout(() => {
      saidBefore = said;
      const debug = new WebSocket(address);
      debug.onopen = () => debug.send('{"id":1,"method":"Runtime.runIfWaitingForDebugger"}');
      debug.onmessage = () => debug.close();
    }, 200);
  });
  await new Promise((resolve) => child.once("close", resolve));
  return { saidBefore, said };
}

describe("JUJU_DEBUG_AT", () => {
  test.each([
    ["all", "hooks/start"],
    ["hook", "actions/backup"],
    ["other, db-relation-changed", "hooks/db-relation-changed"],
    ["backup", "actions/backup"],
  ])("%s stops %s until a debugger lets it go on", async (at, dispatchPath) => {
    expect(await hookWith(at, dispatchPath)).toEqual({ saidBefore: "", said: "ran\n" });
  });

  test.each([
    ["stop", "hooks/start"],
    ["relation-changed", "hooks/db-relation-changed"],
  ])("%s leaves %s alone", async (at, dispatchPath) => {
    expect(await hookWith(at, dispatchPath)).toEqual({ saidBefore: undefined, said: "ran\n" });
  });
});
