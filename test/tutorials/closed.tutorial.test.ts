import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { login } from "../../lib/cli/start/account.ts";
import { Browser, hiddenFields } from "../../lib/cli/start/browser.ts";
import { checkLogin, showsApplication, signInAnswers } from "../../lib/cli/start/check.ts";
import { settled } from "../../lib/cli/start/deploy.ts";
import { juju } from "../../lib/cli/start/juju.ts";
import { stop } from "../../lib/cli/start/start.ts";
import { deployments, relations } from "../../lib/cli/start/topology.ts";
import { authorityCertificate, protectedUrl } from "../../lib/cli/start/urls.ts";
import { connect } from "../../lib/local/client.ts";
import { stateDir } from "../../lib/local/state-dir.ts";
import { get, Poller } from "./poller.ts";
import { sandbox } from "./sandbox.ts";

const clean = sandbox();
const paths = [
  "/iam-whoami",
  "/iam-whoami/",
  "/iam-whoami/x",
  "/iam-whoami/../iam-whoami/",
  "/iam%2Dwhoami/",
];

let targets: URL[] = [];
let poller: Poller;

/** Once the gateway is published, its name and port are known. */
async function lookForGateway(): Promise<void> {
  const client = await connect();
  try {
    const published = await client.call("published", {});
    const https = published.find(({ servicePort }) => servicePort === 443);
    if (https === undefined) return;
    const origin = `https://traefik-public.iam.localhost:${https.port}`;
    targets = paths.map((path) => new URL(path, origin));
  } finally {
    client.close();
  }
}

/** Kills the process of a workload of this model, and of no other: its environment names the model's folder. */
function killWorkload(program: string): void {
  const own = readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const text = (file: string) => readFileSync(`/proc/${name}/${file}`, "utf8");
      return text("cmdline").includes(`/bin/${program}`) && text("environ").includes(stateDir().runtime);
    } catch {
      return false; // It has ended meanwhile.
    }
  });
  expect(own).not.toEqual([]);
  for (const pid of own) process.kill(Number(pid), "SIGKILL");
}

function killController(): void {
  const { pid } = JSON.parse(readFileSync(stateDir().pidFile, "utf8")) as { pid: number };
  process.kill(pid, "SIGKILL");
}

beforeAll(async () => {
  for (const { args } of deployments) await juju("deploy", ...args);
  const [authProxy, ...others] = relations;
  await juju("integrate", ...(authProxy ?? []));
  // From here on the route must never be open.
  poller = new Poller(() => targets, showsApplication);
  for (const [one, other] of others) {
    await juju("integrate", one, other);
    await lookForGateway();
  }
  await settled();
  await lookForGateway();
  await signInAnswers(await protectedUrl(), await authorityCertificate());
});

afterAll(async () => {
  await poller?.stop();
  await stop();
  clean();
});

describe("a protected route, polled from the moment it was protected", () => {
  test("lets in who signs in", async () => {
    expect(targets).not.toEqual([]);
    const lines: string[] = [];
    await checkLogin({
      url: await protectedUrl(),
      login: await login(),
      authority: await authorityCertificate(),
      print: (line) => lines.push(line),
    });
    expect(lines.at(-1)).toBe("the application answers ada@example.com");
  });

  test.each(["oauth2-proxy", "whoami", "traefik", "hydra"])(
    "stays closed while the process of %s is killed",
    async (program) => {
      killWorkload(program);
      await delay(3_000);
      await settled();
      expect(poller.leaks).toEqual([]);
    },
  );

  test("stays closed while the controller is killed, and works when it resumes", async () => {
    killController();
    await delay(500);
    await settled();
    await signInAnswers(await protectedUrl(), await authorityCertificate());
    await checkLogin({
      url: await protectedUrl(),
      login: await login(),
      authority: await authorityCertificate(),
      print: () => {},
    });
    expect(poller.leaks).toEqual([]);
  });

  test("a second application has rules of its own", async () => {
    const config = [
      "--config",
      "authenticated_emails=bob@example.com",
      "--config",
      "allowed_endpoints=health",
    ];
    await juju("deploy", "whoami-k8s", "second", ...config);
    await juju("integrate", "oauth2-proxy:auth-proxy", "second:auth-proxy");
    await juju("integrate", "traefik-public:ingress", "second:ingress");
    await settled();
    const first = new URL(await protectedUrl());
    const second = new URL(first.href.replace("iam-whoami", "iam-second"));
    const authority = await authorityCertificate();
    const { email, password } = await login();

    const browser = new Browser({ authority });
    const form = await browser.visit(first);
    await browser.visit(form.url, { method: "POST", form: { ...hiddenFields(form.body), email, password } });
    expect((await browser.fetch(first)).status).toBe(200);
    expect((await browser.fetch(second)).status).toBe(403);

    const open = async (url: URL) => (await get(new URL("health", url))).status;
    // A service counts as started after a second, and may listen later.
    await expect.poll(() => open(second), { timeout: 20_000 }).toBe("200");
    expect(await open(first)).toBe("302");
    expect(poller.leaks).toEqual([]);
  });

  test("closes when the decision point has no units, and when it is removed", async () => {
    await juju("scale-application", "oauth2-proxy", "0");
    await delay(4_000);
    expect((await get(targets[1] as URL)).status).toMatch(/^50[0-4]$/);
    await juju("scale-application", "oauth2-proxy", "1");
    await settled();
    await juju("remove-relation", "oauth2-proxy:forward-auth", "traefik-public:experimental-forward-auth");
    await delay(4_000);
    expect((await get(targets[1] as URL)).status).toBe("503");
    await juju("integrate", "oauth2-proxy:forward-auth", "traefik-public:experimental-forward-auth");
    await settled();
    await juju("remove-application", "oauth2-proxy", "--no-prompt");
    await delay(6_000);
    expect((await get(targets[1] as URL)).status).toMatch(/^50[0-4]$|^404$/);
    expect(poller.leaks).toEqual([]);
    expect(poller.asked).toBeGreaterThan(100);
  });
});
