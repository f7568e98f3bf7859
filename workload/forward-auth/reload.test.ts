/** The configuration read again under a serving program: requests go on, sessions too, faults change nothing. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Agent, get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test } from "vitest";
import { createLog } from "./log/log.ts";
import { readFlags } from "./options/flags.ts";
import { Reloader } from "./reload.ts";
import { type Serving, serve } from "./server/serve.ts";
import { newSessionId } from "./session/session.ts";
import { readSettings } from "./settings.ts";

const folder = mkdtempSync(join(tmpdir(), "reload-"));
afterAll(() => rmSync(folder, { recursive: true }));

const servings: Serving[] = [];
afterEach(async () => {
  for (const serving of servings.splice(0)) await serving.close();
});

const file = join(folder, "proxy.toml");
const secretFile = join(folder, "secret");

/** The file of the configuration, and what of it changes. */
function write(more: string): void {
  writeFileSync(
    file,
    `http_address = "127.0.0.1:0"
provider = "google"
client_id = "c"
client_secret = "s"
cookie_secret_file = ${JSON.stringify(secretFile)}
email_domains = "*"
upstreams = "static://200"
log_format = "json"
${more}`,
  );
}

async function start(more: string) {
  writeFileSync(secretFile, "3f8a1c07e9b24d56a0c7f1e83b5d9264");
  write(more);
  const args = [`--config=${file}`];
  const lines: string[] = [];
  const settings = readSettings({}, args);
  const log = createLog(settings.options, { write: (line) => void lines.push(line) });
  const serving = await serve(settings, log);
  servings.push(serving);
  const { switches } = readFlags(args);
  const reloader = new Reloader({ environment: {}, args, switches, serving, log });
  return { serving, reloader, lines };
}

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** A request on the one connection that all requests share, so that it outlives a reload: the status, and our own port. */
function askOn(
  serving: Serving,
  path: string,
  headers = {},
): Promise<readonly [status: number, from: number]> {
  return new Promise((resolve, reject) => {
    get({ port: serving.port, path, agent, headers }, (response) => {
      const from = response.socket.localPort ?? 0;
      response.resume().on("end", () => resolve([response.statusCode ?? 0, from]));
    }).on("error", reject);
  });
}
const statusOf = async (serving: Serving, path: string): Promise<number> => (await askOn(serving, path))[0];

test("a changed file is in force for the next request of an open connection", async () => {
  const { serving, reloader } = await start("");
  expect(await statusOf(serving, "/open")).toBe(403);
  write('skip_auth_routes = "^/open$"\n');
  await reloader.check();
  expect(await statusOf(serving, "/open")).toBe(200);
  expect(await statusOf(serving, "/other")).toBe(403);
});

test("what does not hold together changes nothing, and every fault is logged", async () => {
  const { serving, reloader, lines } = await start('skip_auth_routes = "^/open$"\n');
  const before = serving.context;
  write('skip_auth_routes = "("\ncookie_samesite = "x"\nnope = 1\n');
  await reloader.check();
  expect(serving.context).toBe(before);
  expect(await statusOf(serving, "/open")).toBe(200);
  const told = lines.filter((line) => line.includes("not read again"));
  expect(told).toHaveLength(1);
  for (const part of ["skip_auth_routes", "cookie_samesite", "unknown key"]) expect(told[0]).toContain(part);
});

test("a secret in a file is read again; without a change nothing is", async () => {
  const { serving, reloader } = await start("");
  const before = serving.context;
  await reloader.check();
  expect(serving.context).toBe(before);
  writeFileSync(secretFile, "c41d20ab7f5e4b0c9a83e6d2175f08be\n".trim());
  await reloader.check();
  expect(serving.context.settings.cookieSecret).toBe("c41d20ab7f5e4b0c9a83e6d2175f08be");
});

test("an ended session stays ended, counts go on, a provider that did not change is not looked for again", async () => {
  const { serving, reloader } = await start("cookie_refresh = '1h'\n");
  const { sessions, metrics, providers } = serving.context;
  const at = Date.now();
  const session = {
    id: "AAAAAAAAAAAAAAAAAAAAAA",
    issuer: "i",
    subject: "s",
    email: "a@example.com",
    preferredUsername: "",
    groups: [],
    createdAt: at,
    refreshedAt: at,
  };
  const set = await sessions.save("", sessions.entry(session), "localhost");
  const cookie = set.map((text) => text.split(";", 1)[0]).join("; ");
  const entry = await sessions.load(cookie);
  expect(entry?.session.email).toBe("a@example.com");
  write('cookie_refresh = "1h"\nset_xauthrequest = true\n');
  await reloader.check();
  expect(serving.context.sessions).not.toBe(sessions);
  expect(serving.context.metrics).toBe(metrics);
  expect(serving.context.providers).toBe(providers);
  const again = await serving.context.sessions.load(cookie);
  expect(again?.headers).toContain("X-Auth-Request-Email");
  if (entry === undefined) throw new Error("the session was not stored");
  await sessions.end(entry);
  expect(await serving.context.sessions.load(cookie)).toBeUndefined();
});

test("a session that was refreshed before the change is the refreshed one after it, with the new headers", async () => {
  const { serving, reloader } = await start("cookie_refresh = '1h'\n");
  const { sessions } = serving.context;
  const at = Date.now();
  const old = {
    id: "BBBBBBBBBBBBBBBBBBBBBB",
    issuer: "i",
    subject: "s",
    email: "old@example.com",
    preferredUsername: "",
    groups: [],
    createdAt: at,
    refreshedAt: at,
  };
  const entry = sessions.entry(old);
  const cookie = (await sessions.save("", entry, "localhost"))
    .map((text) => text.split(";", 1)[0])
    .join("; ");
  const loaded = await sessions.load(cookie);
  if (loaded === undefined) throw new Error("the session was not stored");
  await sessions.replace(loaded, { ...loaded.session, email: "new@example.com", refreshedAt: at + 1 });
  write('cookie_refresh = "1h"\nset_xauthrequest = true\n');
  await reloader.check();
  expect((await serving.context.sessions.load(cookie))?.headers).toContain("new@example.com");
});

test("addresses stay until a restart, which is said", async () => {
  const { serving, reloader, lines } = await start("");
  const { port } = serving;
  writeFileSync(file, readFileSync(file, "utf8").replace("127.0.0.1:0", "127.0.0.1:1"));
  await reloader.reload("SIGHUP");
  expect(await statusOf(serving, "/ping")).toBe(200);
  expect(serving.port).toBe(port);
  expect(lines.some((line) => line.includes("until the program is restarted"))).toBe(true);
});

test("who is a trusted proxy is found out anew on connections that were open before", async () => {
  const trusting = (network: string) =>
    `skip_auth_routes = "^/open$"\nreverse_proxy = true\ntrusted_proxy_ips = "${network}"\n`;
  const { serving, reloader } = await start(trusting("127.0.0.0/8"));
  const decide = () => askOn(serving, "/oauth2/auth", { "x-forwarded-uri": "/open" });
  const [before, from] = await decide();
  write(trusting("192.0.2.0/24"));
  await reloader.check();
  const after = await decide();
  write(trusting("127.0.0.0/8"));
  await reloader.check();
  expect([before, after, await decide()]).toEqual([202, [401, from], [202, from]]);
});

test("no request is dropped while the configuration is read again", async () => {
  const { serving, reloader } = await start('skip_auth_routes = "^/open$"\n');
  const statuses: Promise<number>[] = [];
  let under = true;
  const client = async () => {
    while (under) {
      const status = statusOf(serving, "/open");
      statuses.push(status);
      await status;
    }
  };
  const clients = [client(), client(), client()];
  for (let round = 0; round < 5; round++) {
    write(`skip_auth_routes = "^/open$"\ncookie_name = "n${round}"\n`);
    await reloader.reload("test");
  }
  under = false;
  await Promise.all(clients);
  expect(serving.context.settings.options.cookie_name).toBe("n4");
  expect(new Set(await Promise.all(statuses))).toEqual(new Set([200]));
});

test("a cookie secret is replaced under requests that go on: nobody is signed out until the old one is gone", async () => {
  const { serving, reloader } = await start("");
  const old = "3f8a1c07e9b24d56a0c7f1e83b5d9264";
  const young = "b7d0e92c4f16485a93e1c0a8d75f2b63";
  const cookieOf = () => {
    const { sessions, now } = serving.context;
    const person = { issuer: "", subject: "s", email: "a@example.com", preferredUsername: "", groups: [] };
    const session = { id: newSessionId(), ...person, createdAt: now(), refreshedAt: now() };
    return sessions.renew("", sessions.entry(session), "h")[0]?.split(";", 1)[0] ?? "";
  };
  const allowed = async (cookie: string) => (await serving.context.sessions.load(cookie)) !== undefined;
  const before = cookieOf();
  writeFileSync(secretFile, `${young}\n${old}\n`);
  await reloader.check();
  const after = cookieOf();
  expect([await allowed(before), await allowed(after)]).toEqual([true, true]);
  writeFileSync(secretFile, young);
  await reloader.check();
  expect([await allowed(before), await allowed(after)]).toEqual([false, true]);
});
