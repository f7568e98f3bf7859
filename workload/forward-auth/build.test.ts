/** The program as an image holds it: what is loaded or read only now and then is there, too. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { hashSync } from "bcryptjs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildProgram } from "./build.ts";
import { openSocket } from "./testing/open-socket.ts";
import { startTestRedis } from "./testing/redis.ts";

const folder = mkdtempSync(path.join(tmpdir(), "build-"));
let program: string;
let child: ChildProcess | undefined;

beforeAll(async () => {
  program = await buildProgram(folder);
});
afterAll(() => {
  child?.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

const environment = { PATH: `${path.dirname(process.execPath)}:${process.env["PATH"]}` };

test("tells its version", () => {
  expect(execFileSync(program, ["--version"], { env: environment, encoding: "utf8" })).toContain(
    "oauth2-proxy",
  );
});

test("runs as an image has it: by a link, as nobody in particular, and writes nothing beside itself", () => {
  const bin = path.join(folder, "bin");
  mkdirSync(bin);
  symlinkSync(program, path.join(bin, "oauth2-proxy"));
  symlinkSync("oauth2-proxy", path.join(bin, "forward-auth"));
  chmodSync(folder, 0o755);
  const before = readdirSync(folder, { recursive: true });
  const nobody = process.getuid?.() === 0 ? { uid: 65_532, gid: 65_532 } : {};
  const args = ["check", "--offline", "--client-id=c1", "--client-secret=s1", "--email-domain=*"];
  const secret = "--cookie-secret=0123456789abcdef0123456789abcdef";
  for (const name of ["oauth2-proxy", "forward-auth"]) {
    const out = execFileSync(path.join(bin, name), [...args, secret], {
      env: environment,
      encoding: "utf8",
      ...nobody,
    });
    expect(out).toContain("0 problems");
  }
  expect(readdirSync(folder, { recursive: true })).toEqual(before);
});

test("serves, checks passwords in its thread, and asks a Redis", async () => {
  const { port, fd, close } = await openSocket();
  const redis = await startTestRedis();
  const passwords = path.join(folder, "htpasswd");
  writeFileSync(passwords, `ada@example.com:${hashSync("secret", 4)}\n`);
  child = spawn(program, [], {
    env: {
      ...environment,
      OAUTH2_PROXY_HTTP_ADDRESS: "fd:3",
      OAUTH2_PROXY_OIDC_ISSUER_URL: "http://127.0.0.1:1",
      OAUTH2_PROXY_CLIENT_ID: "c1",
      OAUTH2_PROXY_CLIENT_SECRET: "s1",
      OAUTH2_PROXY_COOKIE_SECRET: "0123456789abcdef0123456789abcdef",
      OAUTH2_PROXY_EMAIL_DOMAINS: "*",
      OAUTH2_PROXY_HTPASSWD_FILE: passwords,
      OAUTH2_PROXY_PREFER_EMAIL_TO_USER: "true",
      OAUTH2_PROXY_REDIRECT_URL: "https://app.example.com/oauth2/callback",
      OAUTH2_PROXY_SESSION_STORE_TYPE: "redis",
      OAUTH2_PROXY_REDIS_CONNECTION_URL: redis.url,
      OAUTH2_PROXY_UPSTREAMS: "static://200",
    },
    stdio: ["ignore", "ignore", "ignore", fd],
  });
  close();
  const ask = (user: string) =>
    fetch(`http://127.0.0.1:${port}/oauth2/auth`, {
      headers: { Authorization: `Basic ${Buffer.from(user).toString("base64")}` },
    }).then(
      ({ status }) => status,
      () => 0,
    );
  await expect.poll(() => ask("ada@example.com:secret"), { interval: 50 }).toBe(202);
  expect(await ask("ada@example.com:other")).toBe(401);
  const ready = () => fetch(`http://127.0.0.1:${port}/ready`).then(({ status }) => status);
  await expect.poll(ready).toBe(200);
  await redis.close();
});

test("has the protocol of Envoy's checks beside its parts", () => {
  const script = `import(${JSON.stringify(folder)} + "/parts/" + (await import("node:fs")).readdirSync(${JSON.stringify(
    path.join(folder, "parts"),
  )}).find((name) => name.startsWith("serve-grpc")))`;
  const printed = execFileSync(
    process.execPath,
    ["--input-type=module", "-e", `const part = await ${script}; console.log(Object.keys(part).join());`],
    { encoding: "utf8" },
  );
  expect(printed).toContain("serveGrpc");
});
