import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readArguments } from "./main.ts";
import { page } from "./page.ts";
import { report } from "./report.ts";
import { createWhoami } from "./server.ts";

const server = createWhoami();
let base = "";

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

const identity = {
  "X-Auth-Request-User": "sub-1",
  "X-Auth-Request-Email": "ada@example.com",
  "X-Auth-Request-Groups": "ops,dev",
};

test("shows who is signed in, as a page", async () => {
  const response = await fetch(`${base}/iam-whoami/x?a=1`, { headers: { ...identity, Accept: "text/html" } });
  const text = await response.text();
  expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(text).toContain("<h1>Hello, ada@example.com</h1>");
  expect(text).toContain("<dd>ops, dev</dd>");
  expect(text).toContain("<dd>/iam-whoami/x?a=1</dd>");
});

test("says so when nobody is signed in", async () => {
  expect(await (await fetch(base)).text()).toContain("Nobody is signed in");
});

test("tells scripts in JSON, text as UTF-8", async () => {
  const name = Buffer.from("Zoë 日本", "utf8").toString("latin1");
  const headers = { Accept: "application/json", "X-Auth-Request-Preferred-Username": name, ...identity };
  const told = (await (await fetch(`${base}/x`, { headers })).json()) as ReturnType<typeof report>;
  expect(told.identity).toEqual({
    user: "sub-1",
    email: "ada@example.com",
    preferredUsername: "Zoë 日本",
    groups: ["ops", "dev"],
  });
  expect(told.path).toBe("/x");
});

test("is healthy, also behind a path prefix", async () => {
  expect((await fetch(`${base}/health`)).status).toBe(200);
  expect(await (await fetch(`${base}/iam-whoami/health`)).text()).toBe("OK\n");
});

test("answers a request with a body and ends the connection", async () => {
  const response = await fetch(base, { method: "POST", body: "x".repeat(100) });
  expect(response.status).toBe(200);
  expect(response.headers.get("connection")).toBe("close");
});

test("no header or path becomes markup", () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.string(), { maxLength: 8 }), (path, raw) => {
      const html = page(report("GET", `${path}<script>"'`, [...raw, "X-Auth-Request-Email", `<b>${path}`]));
      expect(html.match(/<script|<b>/)).toBeNull();
      expect(html.match(/<tr>/g)?.length).toBe(Math.floor((raw.length + 2) / 2) + 1);
    }),
  );
});

test("a screenshot is no session: cookies and credentials are shown in part", () => {
  const secret = "s3cr3t".repeat(20);
  const { headers } = report("GET", "/", [
    "Cookie",
    `_oauth2_proxy=${secret}; a=1`,
    "Authorization",
    `Bearer ${secret}`,
  ]);
  expect(headers).toEqual([
    ["Cookie", "_oauth2_proxy=s3cr… (120 characters); a=1"],
    ["Authorization", "Bearer s3cr… (120 characters)"],
  ]);
});

test("reads its arguments", () => {
  expect(readArguments([], {})).toEqual({ port: 8080, host: "0.0.0.0" });
  expect(readArguments(["--port=9000"], { WHOAMI_PORT: "1" })).toEqual({ port: 9000, host: "0.0.0.0" });
  expect(readArguments(["--port", "9000", "--host", "::1"], {})).toEqual({ port: 9000, host: "::1" });
  expect(readArguments([], { WHOAMI_PORT: "x" })).toEqual({
    problem: 'Cannot read port "x": should be 0 to 65535',
  });
  expect(readArguments(["--prot=1"], {})).toEqual({
    problem: 'Cannot read argument "--prot=1": should be --port or --host',
  });
});
