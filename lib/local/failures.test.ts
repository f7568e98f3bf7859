import { cpSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { applyService, inCluster } from "../kubernetes/index.ts";
import type { LocalClient } from "./client.ts";
import { Store } from "./controller/store.ts";
import {
  ask,
  deployHello,
  helloCharm,
  helloImage,
  isActive,
  onUnit,
  type TestController,
  testController,
  until,
} from "./testdata/kit.ts";

const open: TestController[] = [];

afterEach(async () => {
  for (const controller of open.splice(0)) await controller.end();
});

interface Started {
  readonly controller: TestController;
  readonly client: LocalClient;
  readonly address: string;
  readonly charmDir: string;
}

async function started(): Promise<Started> {
  const controller = testController();
  open.push(controller);
  const client = await controller.connect();
  await deployHello(client);
  const status = await until(client, (now) => isActive(now, "hello", "hi"));
  const address = status.applications["hello"]?.units?.["hello/0"]?.address ?? "";
  await ask(`http://${address}:8080/`);
  const charmDir = join(controller.env["CHARMED_IAP_STATE"] ?? "", "models/iam/hello-0/charm");
  return { controller, client, address, charmDir };
}

const hooksRun = (charmDir: string): string[] =>
  readFileSync(join(charmDir, "hooks-run"), "utf8").trimEnd().split("\n");

async function killController(client: LocalClient): Promise<void> {
  const { pid } = await client.call("controller", {});
  process.kill(pid, "SIGKILL");
  client.close();
  await expect.poll(() => isAlive(pid)).toBe(false);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false; // ESRCH: no such process.
  }
  return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
}

/** The process of the hook that never ends. */
async function slowHook(client: LocalClient, charmDir: string): Promise<number> {
  await client.call("setConfig", { application: "hello", set: { slow: "true" } });
  const pid = (): number => Number(readFileSync(join(charmDir, "slow-began"), "utf8"));
  await expect.poll(pid).toBeGreaterThan(0);
  return pid();
}

test("killed with -9 during a hook, the controller resumes: nothing of it is left, the hook runs again", async () => {
  const { controller, client, address, charmDir } = await started();
  const before = await client.call("status", {});
  const hook = await slowHook(client, charmDir);
  await killController(client);
  expect(await ask(`http://${address}:8080/`)).toContain("hi"); // The workload lives on for now.
  expect(isAlive(hook)).toBe(true);

  const again = await controller.connect();
  expect(isAlive(hook)).toBe(false);
  const status = await again.call("status", {});
  expect(status.applications["hello"]?.units?.["hello/0"]?.address).toBe(address);
  expect(status.applications["hello"]?.charm).toBe(before.applications["hello"]?.charm);
  await again.call("setConfig", { application: "hello", set: { slow: "false", message: "back" } });
  const failed = await until(
    again,
    (now) => now.applications["hello"]?.units?.["hello/0"]?.workload.status === "error",
  );
  expect(failed.applications["hello"]?.units?.["hello/0"]?.workload.message).toBe(
    'hook failed: "config-changed"',
  );
  await again.call("resolved", { units: ["hello/0"], retry: true });
  await until(again, (now) => isActive(now, "hello", "back"));
  await expect.poll(() => ask(`http://${address}:8080/`)).toContain("hello/0 back");
  again.close();
});

describe("one controller", () => {
  let shared: Started;

  beforeAll(async () => {
    shared = await started();
    open.length = 0; // It outlives each of these tests.
  });

  afterAll(() => shared.controller.end(), 60_000);

  test("a killed hook runs again", async () => {
    const { client, charmDir } = shared;
    const hook = await slowHook(client, charmDir);
    await client.call("setConfig", { application: "hello", set: { slow: "false", message: "again" } });
    process.kill(hook, "SIGKILL");
    await until(client, (now) => isActive(now, "hello", "again"));
    expect(hooksRun(charmDir).slice(-2)).toEqual(["hooks/config-changed", "hooks/config-changed"]);
  });

  test("a failing hook puts its unit in error, and runs until it ends well", async () => {
    const { client } = shared;
    await client.call("setConfig", { application: "hello", set: { fail: "true" } });
    await until(client, (now) => now.applications["hello"]?.units?.["hello/0"]?.workload.status === "error");
    await client.call("setConfig", { application: "hello", set: { fail: "false", message: "well" } });
    await client.call("resolved", { units: ["hello/0"], retry: true });
    await until(client, (now) => isActive(now, "hello", "well"));
  });

  test("a killed workload comes back", async () => {
    const { address } = shared;
    expect(await ask(`http://${address}:8080/?die=1`)).toBe("dying");
    expect(await ask(`http://${address}:8080/`)).toContain("hello/0 hi");
  });

  test("a unit in error runs the new charm when it is forced to", async () => {
    const { client, controller } = shared;
    await client.call("setConfig", { application: "hello", set: { fail: "true" } });
    await until(client, (now) => now.applications["hello"]?.units?.["hello/0"]?.workload.status === "error");
    const mended = join(controller.folder, "mended");
    cpSync(helloCharm, mended, { recursive: true });
    writeFileSync(join(mended, "dispatch"), '#!/bin/sh\nstatus-set active "mended"\n', { mode: 0o755 });
    await client.call("refresh", { application: "hello", path: mended, forceUnits: true });
    await client.call("resolved", { units: ["hello/0"], retry: true });
    await until(client, (now) => isActive(now, "hello", "mended"));
  });
});

test("a gateway's port that is taken when it resumes: which, and by what", async () => {
  const { controller, client } = await started();
  await client.call("trust", { application: "hello", trust: true });
  const env = await onUnit(client, "hello/0", "env");
  const variables = Object.fromEntries(env.split("\n").map((line) => line.split("=", 2)));
  const spec = {
    type: "LoadBalancer",
    selector: { "app.kubernetes.io/name": "hello" },
    ports: [{ port: 4322, targetPort: 8080 }],
  };
  await applyService(inCluster({ env: variables }), { metadata: { name: "hello-lb" }, spec }, "hello");
  const [published] = await client.call("published", {});
  await client.call("stop", {});
  client.close();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(published?.port, "127.0.0.1", resolve));
  const text = `Cannot publish hello-lb on port ${published?.port}: it is held by process ${process.pid} (`;
  await expect
    .poll(() => existsSync(join(controller.env["CHARMED_IAP_STATE"] ?? "", "controller.json")))
    .toBe(false);
  await expect(controller.connect()).rejects.toThrow(text);
  await new Promise((resolve) => server.close(resolve));
  const again = await controller.connect();
  expect(await again.call("published", {})).toEqual([published]);
  again.close();
});

test("killed again and again while it deploys, it gets there", async () => {
  const controller = testController();
  open.push(controller);
  let client = await controller.connect();
  await deployHello(client, 2);
  for (const step of [3, 6, 2]) {
    let version: number | undefined;
    for (let seen = 0; seen < step; seen += 1) {
      ({ version } = await client.call("watch", {
        ...(version === undefined ? {} : { version }),
        timeoutMs: 500,
      }));
    }
    await killController(client);
    client = await controller.connect();
    await client.call("resolved", { all: true, retry: true }); // Not to wait for the retry of what was interrupted.
  }
  const status = await until(client, (now) => isActive(now, "hello", "hi"));
  const units = Object.values(status.applications["hello"]?.units ?? {});
  for (const { address } of units) expect(await ask(`http://${address}:8080/`)).toContain(" hi ");
  expect(units).toHaveLength(2);
  client.close();
});

test("stopped, nothing of it runs and the state stays; it resumes with the same addresses", async () => {
  const { controller, client, address, charmDir } = await started();
  const { pid } = await client.call("controller", {});
  await client.call("stop", {});
  client.close();
  await expect.poll(() => isAlive(pid)).toBe(false);
  await expect(fetch(`http://${address}:8080/`)).rejects.toThrow("fetch failed");
  const again = await controller.connect();
  await until(again, (now) => isActive(now, "hello", "hi"));
  expect(await ask(`http://${address}:8080/`)).toContain("hello/0 hi");
  expect(hooksRun(charmDir).filter((hook) => hook === "hooks/install")).toHaveLength(1);
  again.close();
});

test("a unit whose image is away comes up when it is back", async () => {
  const controller = testController();
  open.push(controller);
  const client = await controller.connect();
  const image = join(controller.folder, "image");
  cpSync(helloImage, image, { recursive: true });
  await client.call("deploy", { charm: helloCharm, units: 0, resources: { "app-image": image } });
  renameSync(image, `${image}.away`);
  await client.call("scale", { application: "hello", units: 1 });
  const reason = new Promise<string>((resolve) => {
    const filter = { replay: true, follow: true, limit: 1, level: "ERROR" };
    void client.call("debugLog", filter, { onProgress: ({ message }) => resolve(message) });
  });
  expect(await reason).toContain(`Cannot use ${image} as an image`);
  renameSync(`${image}.away`, image);
  await until(client, (now) => isActive(now, "hello", "hi"));
  client.close();
});

test("clients that start it at the same time find one controller", async () => {
  const controller = testController();
  open.push(controller);
  const clients = await Promise.all([controller.connect(), controller.connect(), controller.connect()]);
  const pids = await Promise.all(clients.map(async (client) => (await client.call("controller", {})).pid));
  expect(new Set(pids).size).toBe(1);
  const database = join(controller.env["CHARMED_IAP_STATE"] ?? "", "state.sqlite");
  expect(() => new Store(database)).toThrow(expect.objectContaining({ code: "ERR_CONTROLLER_LOCKED" }));
  for (const client of clients) client.close();
});
