/** Starts of the program: command lines and static files, and whether it stays. @module */

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { difference } from "./compare.ts";
import { filled, filledDeep, type Places } from "./places.ts";
import { startGateway } from "./process.ts";
import type { Case } from "./recording.ts";
import type { Result, Stage } from "./scene.ts";
import { freePort } from "./servers.ts";

const STAYS_MS = 1500;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function pinged(host: string, port: number): Promise<number | string> {
  try {
    return (await fetch(`http://${host}:${port}/ping`)).status;
  } catch (error) {
    return ((error as Error).cause as NodeJS.ErrnoException | undefined)?.code ?? "fetch failed";
  }
}

/** Gives every port of the listen address a free one. */
async function withFreePorts(
  test: Case,
  host: string,
): Promise<{ test: Case; ports: Record<string, number> }> {
  const ports: Record<string, number> = {};
  const text = JSON.stringify(test);
  for (const [, port = ""] of text.matchAll(/<listen>:(\d+)/g)) ports[port] ??= await freePort(host);
  return {
    test: JSON.parse(text.replace(/<listen>:(\d+)/g, (_, port: string) => `<listen>:${ports[port]}`)) as Case,
    ports,
  };
}

/** Starts it as recorded; compares whether it stayed, its exit code and its ping. What it printed is not compared. */
export async function playStart(recorded: Case, stage: Stage): Promise<Result> {
  const work = await mkdtemp(path.join(tmpdir(), "iap-traefik-"));
  const { listen } = stage.hosts;
  const { test, ports } = await withFreePorts(recorded, listen);
  const places: Places = {
    listen,
    dyn: path.join(work, "dyn"),
    static: path.join(work, "static.yaml"),
    work,
    dir: work,
  };
  await mkdir(path.join(work, "dyn"));
  if (test.static !== undefined) await writeFile(places["static"] ?? "", filled(test.static, places));
  const taken =
    test.portTaken === undefined ? undefined : net.createServer().listen(ports[test.portTaken], listen);
  const args = (test.args ?? []).map((arg) => filled(arg, places));
  const gateway = startGateway(stage.program, args, filledDeep(test.env ?? {}, places));
  const early = await Promise.race([
    gateway.ended.then(() => true),
    pause(test.started === false ? 4 * STAYS_MS : STAYS_MS),
  ]);
  const ping =
    early === true || test.ping === undefined ? undefined : await pinged(listen, ports["8082"] ?? 1);
  if (early !== true) gateway.child.kill("SIGTERM");
  const exitCode = await gateway.ended;
  taken?.close();
  await rm(work, { recursive: true, force: true });
  const now = {
    ...(test.started === undefined ? {} : { started: early !== true }),
    ...(ping === undefined ? {} : { ping }),
    exitCode,
  };
  const wanted = {
    ...(test.started === undefined ? {} : { started: test.started }),
    ...(ping === undefined ? {} : { ping: test.ping }),
    exitCode: test.exitCode,
  };
  const found = difference(wanted, now);
  return { name: test.id, ...(found === undefined ? {} : { difference: found }) };
}
