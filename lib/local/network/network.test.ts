import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { Store } from "../controller/store.ts";
import { LocalError } from "../errors.ts";
import { Addresses } from "./addresses.ts";
import { Forwarder } from "./forwarder.ts";
import { Gateways } from "./gateways.ts";
import { hostsTable, searchDomains, writeHosts } from "./hosts.ts";
import { checkLoopback } from "./loopback.ts";
import { portHolder } from "./port-holder.ts";
import { Services } from "./services.ts";

const folder = mkdtempSync(join(tmpdir(), "iap-network-"));
const fail = (error: unknown): never => {
  throw error;
};

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function listen(host: string, answer: string, port = 0): Promise<Server & { port: number }> {
  const server = createServer((socket) => socket.end(`${answer} ${socket.remoteAddress}`));
  return new Promise((resolve) => {
    server.listen({ host, port }, () => {
      const bound = server.address();
      resolve(Object.assign(server, { port: typeof bound === "object" && bound ? bound.port : 0 }));
    });
  });
}

function read(port: number, host: string, localAddress?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    import("node:net").then(({ connect }) => {
      let text = "";
      const socket = connect({ port, host, ...(localAddress ? { localAddress } : {}) });
      socket.on("data", (chunk) => (text += chunk));
      socket.on("end", () => resolve(text));
      socket.on("error", reject);
    }, reject);
  });
}

describe("Addresses", () => {
  test("one network a controller, one address a key, for ever", () => {
    const store = new Store(join(folder, "addresses.sqlite"));
    const addresses = new Addresses(store, "/a");
    const unit = addresses.unit("iam", "web/0");
    expect(unit).toMatch(new RegExp(`^127\\.${addresses.network}\\.0\\.16$`));
    expect(addresses.service("iam", "web")).not.toBe(unit);
    expect(new Addresses(store, "/b").unit("iam", "web/0")).toBe(unit);
    expect(addresses.network).toBeGreaterThan(0);
    expect(addresses.network).toBeLessThan(255);
    store.forgetNumbers("iam/");
    expect(addresses.unit("iam", "other/0")).toBe(unit);
    store.close();
  });
});

describe("hostsTable()", () => {
  test("has services, pods and gateways", () => {
    const units = [
      { ordinal: 0, address: "127.5.0.17" },
      { ordinal: 1, address: "127.5.0.18" },
    ];
    const table = hostsTable(
      [{ model: "iam", name: "web", address: "127.5.0.16", units }],
      [{ name: "gw.iam.localhost", address: "127.5.0.19" }],
    );
    expect(table.split("\n").slice(1)).toEqual([
      "127.5.0.16 web.iam.svc.cluster.local",
      "127.5.0.17 web-0.web-endpoints.iam.svc.cluster.local web-endpoints.iam.svc.cluster.local",
      "127.5.0.18 web-1.web-endpoints.iam.svc.cluster.local",
      "127.5.0.19 gw.iam.localhost *.localhost",
      "",
    ]);
  });
});

describe("Forwarder", () => {
  test("spreads connections, passes the caller's address on, and skips targets that are down", async () => {
    const [a, b] = await Promise.all([listen("127.77.1.1", "a"), listen("127.77.1.2", "b")]);
    const targets = () => [
      { address: "127.77.1.1", port: a.port },
      { address: "127.77.1.3", port: 9 },
      { address: "127.77.1.2", port: b.port },
    ];
    const forwarder = new Forwarder({ address: "127.77.1.9", port: 0, targets });
    await forwarder.listen();
    const answers: string[] = [];
    for (let i = 0; i < 6; i += 1) answers.push(await read(forwarder.port, "127.77.1.9", "127.77.1.8"));
    expect([...new Set(answers)].sort()).toEqual(["a 127.77.1.8", "b 127.77.1.8"]);
    await forwarder.close();
    await expect(read(forwarder.port || a.port, "127.77.1.9")).rejects.toThrow("ECONNREFUSED");
    a.close();
    b.close();
  });

  test("ends a connection that no target takes", async () => {
    const forwarder = new Forwarder({ address: "127.77.1.9", port: 0, targets: () => [] });
    await forwarder.listen();
    await expect(read(forwarder.port, "127.77.1.9")).rejects.toThrow("ECONNRESET");
    await forwarder.close();
  });
});

describe("Gateways", () => {
  const request = (port: number) => ({
    model: "iam",
    service: "gw-lb",
    application: "gw",
    ports: [{ port, targetPort: 8080 }],
  });

  test("keeps its ports, and names who holds one of them later", async () => {
    const store = new Store(join(folder, "gateways.sqlite"));
    const addresses = new Addresses(store, "/g");
    const services = new Services(fail);
    const gateways = new Gateways({ addresses, services, store, onChange: () => undefined });
    const taken = await listen("127.0.0.1", "other");
    const ports = await gateways.publish(request(taken.port));
    const chosen = ports.get(taken.port) ?? 0;
    expect(chosen).not.toBe(taken.port);
    expect(gateways.published()).toEqual([
      { model: "iam", service: "gw-lb", hostname: "gw.iam.localhost", port: chosen, servicePort: taken.port },
    ]);
    await gateways.close();
    const holder = await listen("127.0.0.1", "holder", chosen);
    const refused = gateways.publish(request(taken.port));
    await expect(refused).rejects.toThrow(LocalError);
    await expect(refused).rejects.toMatchObject({
      code: "ERR_PORT_IN_USE",
      message: expect.stringMatching(
        `^Cannot publish gw-lb on port ${chosen}: it is held by process ${process.pid} \\(.+\\), it should be free$`,
      ),
    });
    holder.close();
    taken.close();
    store.close();
  });
});

test("portHolder() finds nobody on a free port", () => {
  expect(portHolder(1)).toBeUndefined();
});

test("checkLoopback() says how to add addresses that are not there", async () => {
  await expect(checkLoopback("127.9.0.1")).resolves.toBeUndefined();
  await expect(checkLoopback("192.0.2.1")).rejects.toThrow(
    /add them with: for n in .* sudo ifconfig lo0 alias 192\.0\.2\./,
  );
});

describe("preload", () => {
  const own = "127.77.2.5";
  const hosts = join(folder, "hosts");
  const listening = join(folder, "listening");
  const preload = join(folder, "preload.cjs");
  const options = {
    address: own,
    hosts,
    search: searchDomains("iam"),
    listening,
    compiled: join(folder, "compiled"),
  };
  const library = join(import.meta.dirname, "../preload.cjs");
  writeHosts(
    hosts,
    hostsTable(
      [{ model: "iam", name: "web", address: own, units: [{ ordinal: 0, address: own }] }],
      [{ name: "gw.iam.localhost", address: own }],
    ),
  );
  writeFileSync(preload, `require(${JSON.stringify(library)})(${JSON.stringify(options)})`);

  function run(program: string): Promise<unknown> {
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
      env: { NODE_OPTIONS: `--require=${preload}` },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    child.stdout.on("data", (chunk) => (text += chunk));
    return new Promise((resolve) => child.on("close", () => resolve(JSON.parse(text))));
  }

  test("listens on the unit's address wherever it was told to, and tells the port", async () => {
    const bound = await run(`
      import net from "node:net";
      const forms = [[0], [0, "0.0.0.0"], [{ port: 0 }], [{ port: 0, host: "::" }], [{ port: 0, host: "localhost" }], [], ["0", "127.0.0.1"]];
      const out = [];
      for (const form of forms) {
        const server = net.createServer();
        await new Promise((resolve) => server.listen(...form, resolve));
        out.push(server.address());
        server.close();
      }
      console.log(JSON.stringify(out));`);
    const addresses = bound as { address: string; port: number }[];
    expect(addresses.map(({ address }) => address)).toEqual(Array(7).fill(own));
    const told = readdirSync(listening).map(Number);
    expect(told).toEqual(expect.arrayContaining(addresses.map(({ port }) => port)));
  });

  test("answers names, connects to localhost as the unit, and shows the unit's address to others", async () => {
    const out = await run(`
      import http from "node:http";
      import dns from "node:dns";
      const server = http.createServer((request, response) => response.end(request.socket.remoteAddress + " " + request.headers.host));
      await new Promise((resolve) => server.listen(0, resolve));
      const { port } = server.address();
      const get = (host) => new Promise((resolve) => http.get({ host, port, agent: false }, (r) => r.setEncoding("utf8").on("data", resolve)).on("error", (e) => resolve(e.code)));
      const names = ["localhost", "127.0.0.1", "::1", "web", "web.iam", "web-0.web-endpoints", "any.gw.iam.localhost", "else.localhost"];
      const out = { http: [], fetch: [], lookup: [] };
      for (const name of names) {
        out.http.push(await get(name));
        if (name !== "::1") out.fetch.push(await fetch("http://" + name + ":" + port).then((r) => r.text()));
        out.lookup.push((await dns.promises.lookup(name, { all: true })).map(({ address }) => address).join());
      }
      out.callback = await new Promise((resolve) => dns.lookup("web", (error, address, family) => resolve([address, family])));
      server.close();
      console.log(JSON.stringify(out));
      process.exit();`);
    const { http, fetch: fetched, lookup, callback } = out as Record<string, string[]>;
    for (const line of [...(http ?? []), ...(fetched ?? [])]) expect(line).toMatch(new RegExp(`^${own} `));
    expect(lookup).toEqual([own, "127.0.0.1", "::1", own, own, own, own, own]);
    expect(callback).toEqual([own, 4]);
  });

  test("leaves sockets of files alone", async () => {
    const path = join(folder, "s.sock");
    const out = await run(`
      import net from "node:net";
      const server = net.createServer((socket) => socket.end("x"));
      await new Promise((resolve) => server.listen({ path: ${JSON.stringify(path)} }, resolve));
      net.connect(${JSON.stringify(path)}).on("data", () => { console.log(JSON.stringify(server.address())); process.exit(); });`);
    expect(out).toBe(path);
    expect(readFileSync(preload, "utf8")).toContain(own);
  });
});
