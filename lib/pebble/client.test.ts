import { mkdtempSync, rmSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  ChangeError,
  containerPath,
  containerRoot,
  containerSocket,
  PebbleClient,
  type PebbleErrorCode,
  type PebbleTransport,
  unixSocket,
} from "./index.ts";

/** A transport that answers everything with one body. */
function answering(body: string, status = 200, headers: Record<string, string> = {}): PebbleTransport {
  return {
    request: async () => ({ status, headers, body: new TextEncoder().encode(body) }),
    close: () => undefined,
  };
}

describe("unixSocket()", () => {
  let folder: string;
  let socket: string;
  let server: Server | undefined;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "iap-sock-"));
    socket = path.join(folder, "p.socket");
  });
  afterEach(async () => {
    await stop();
    rmSync(folder, { recursive: true });
  });

  async function serve(listener: RequestListener): Promise<void> {
    server = createServer(listener);
    await new Promise<void>((resolve) => server!.listen(socket, resolve));
  }

  async function stop(): Promise<void> {
    server?.closeAllConnections();
    await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
    server = undefined;
  }

  const info: RequestListener = (_request, response) => {
    response.end(JSON.stringify({ type: "sync", result: { "boot-id": "b", version: "v1" } }));
  };

  test("nobody listens: the charm waits", async () => {
    const pebble = new PebbleClient(unixSocket(socket));
    await expect(pebble.systemInfo()).rejects.toMatchObject({
      code: "ERR_PEBBLE_UNREACHABLE",
      outcome: "waiting",
      address: socket,
      message: expect.stringContaining(`Cannot reach Pebble at "${socket}": connect ENOENT`),
    });
  });

  test("one connection carries many requests, and a restart of Pebble is survived", async () => {
    const connections = new Set<unknown>();
    const counting: RequestListener = (request, response) => {
      connections.add(request.socket);
      info(request, response);
    };
    await serve(counting);
    const pebble = new PebbleClient(unixSocket(socket));
    for (let count = 0; count < 5; count++) await pebble.systemInfo();
    expect(connections.size).toBe(1);
    await stop();
    await serve(counting);
    expect(await pebble.systemInfo()).toEqual({ "boot-id": "b", version: "v1" });
    pebble.close();
  });

  test("a connection that breaks in the middle of an answer is unreachable, not half an answer", async () => {
    await serve((_request, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("{");
      setImmediate(() => response.destroy());
    });
    const pebble = new PebbleClient(unixSocket(socket));
    await expect(pebble.systemInfo()).rejects.toMatchObject({ code: "ERR_PEBBLE_UNREACHABLE" });
    pebble.close();
  });

  test("a signal ends a request that hangs, with its own reason", async () => {
    await serve(() => undefined);
    const pebble = new PebbleClient(unixSocket(socket));
    const stopper = new AbortController();
    const hanging = pebble.notices({ timeoutMs: 60_000, signal: stopper.signal });
    stopper.abort(new Error("enough"));
    await expect(hanging).rejects.toThrow("enough");
    pebble.close();
  });
});

describe("PebbleClient", () => {
  test.each([
    ["no JSON", answering("<html>", 200)],
    ["no envelope", answering("[]", 500)],
  ])("%s is an error of the protocol or the API", async (_what, transport) => {
    const error = await new PebbleClient(transport).systemInfo().catch((one) => one);
    expect(["ERR_PEBBLE_PROTOCOL", "ERR_PEBBLE_API"]).toContain(error.code);
  });

  test("a file answer without its end is not taken for the file", async () => {
    const body = '--b\r\nContent-Disposition: form-data; name="files"; filename="/a"\r\n\r\nhalf';
    const transport = answering(body, 200, { "content-type": "multipart/form-data; boundary=b" });
    await expect(new PebbleClient(transport).read("/a")).rejects.toMatchObject({
      code: "ERR_PEBBLE_PROTOCOL",
    });
  });

  test("what a transport cannot do is a TypeError", async () => {
    const pebble = new PebbleClient(answering("{}"));
    await expect(pebble.exec(["a"])).rejects.toBeInstanceOf(TypeError);
    await expect(pebble.followLogs().next()).rejects.toBeInstanceOf(TypeError);
  });

  test("a failed change tells what its tasks logged", () => {
    const times = { "spawn-time": "", progress: { label: "", done: 1, total: 1 } };
    const task = {
      id: "1",
      kind: "start",
      summary: 'Start service "web"',
      status: "Error",
      log: ["t ERROR no"],
      ...times,
    } as const;
    const change = {
      id: "1",
      kind: "start",
      summary: task.summary,
      status: "Error",
      ready: true,
      err: "it failed",
      tasks: [task],
      "spawn-time": "",
    } as const;
    expect(new ChangeError(change).message).toBe(
      'Cannot start service "web": it failed\nStart service "web" (Error):\nt ERROR no',
    );
  });
});

describe("containerPath()", () => {
  test("is the same path in a cluster, and inside the container's folder on the local model", () => {
    expect(containerPath(undefined, "web", "/etc/x")).toBe("/etc/x");
    expect(containerPath("/charm/containers", "web", "/etc/x")).toBe("/etc/x");
    expect(containerPath("/s", "web", "/etc/x")).toBe("/s/web/root/etc/x");
    expect(containerPath("/s", "web", containerPath("/s", "web", "/etc/x"))).toBe("/s/web/root/etc/x");
    expect(containerPath("/s", "web", "/")).toBe(containerRoot("/s", "web"));
    expect(containerSocket("/s", "web")).toBe("/s/web/pebble.socket");
    expect(() => containerPath("/s", "web", "x")).toThrow(TypeError);
  });
});

test("the README's table has every code, and no other", async () => {
  const codes: Record<PebbleErrorCode, true> = {
    ERR_PEBBLE_UNREACHABLE: true,
    ERR_PEBBLE_API: true,
    ERR_PEBBLE_PATH: true,
    ERR_PEBBLE_TRANSFER: true,
    ERR_PEBBLE_CHANGE: true,
    ERR_PEBBLE_CHANGE_TIMEOUT: true,
    ERR_PEBBLE_EXEC: true,
    ERR_PEBBLE_LAYER: true,
    ERR_PEBBLE_PROTOCOL: true,
  };
  const readme = await readFile(path.join(import.meta.dirname, "README.md"), "utf8");
  const listed = [...readme.matchAll(/^\| `(ERR_\w+)` +\|/gm)].map((match) => match[1]);
  expect(listed.toSorted()).toEqual(Object.keys(codes).toSorted());
});

test.each(["../../out", "..", "a/b", "", "a\0b"])(
  "pullPath() writes no file of the name %j",
  async (name) => {
    const folder = await mkdtemp(path.join(tmpdir(), "iap-pull-"));
    const entry = (over: object) => ({ type: "directory", path: "/d", name: "d", ...over });
    const inside = entry({ type: "file", name, path: `/d/${name}` });
    const transport: PebbleTransport = {
      request: async ({ path: asked }) => {
        const result = asked.includes("itself") ? [entry({})] : [inside];
        const body = new TextEncoder().encode(JSON.stringify({ type: "sync", result }));
        return { status: 200, headers: {}, body };
      },
      close: () => undefined,
    };
    try {
      const pulled = new PebbleClient(transport).pullPath("/d", path.join(folder, "a/b"));
      await expect(pulled).rejects.toMatchObject({
        code: "ERR_PEBBLE_TRANSFER",
        message: expect.stringContaining("must be the name of a file"),
      });
      expect(await readdir(folder, { recursive: true })).toEqual(["a", "a/b", "a/b/d"]);
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);
