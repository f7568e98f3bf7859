/** The examples, each with the real proxy, the real program and a real OpenID provider. */
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import WebSocket from "ws";
import { Browser, type Visit } from "../../workload/forward-auth/testing/browser.ts";
import { PROXIES, type ProxyExample } from "./points/proxies.ts";
import { startExample, type World } from "./points/world.ts";

const IDENTITY = ["user", "email", "groups", "preferred-username", "access-token"].flatMap((name) => [
  `x-auth-request-${name}`,
  `x-forwarded-${name}`,
]);
const SCRIPT = { Accept: "application/json" };

const peers = await Promise.all(PROXIES.map(async (proxy) => ({ proxy, peer: await proxy.find() })));
for (const { proxy, peer } of peers) if ("missing" in peer) test.skip(`${proxy.name}: ${peer.missing}`);
const present = peers.flatMap(({ proxy, peer }) =>
  "program" in peer ? [[proxy.name, proxy, peer.program] as const] : [],
);

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe.each(present)("%s", (_name, proxy: ProxyExample, program) => {
  let world: World;
  let ada: Browser;

  beforeAll(async () => {
    for (const method of ["info", "warn"] as const) vi.spyOn(console, method).mockReturnValue(undefined);
    world = await startExample(proxy, program);
    ada = new Browser();
    const page = await signIn(ada, "/start", "ada");
    expect([page.status, page.text]).toEqual([200, "the application"]);
  });
  afterAll(() => world?.close());

  const at = (path: string) => world.origin + path;

  /** Goes to the page and signs in as an account. */
  async function signIn(browser: Browser, path: string, account: string): Promise<Visit> {
    const form = await browser.visit(at(path));
    expect(form.url, form.hops.join("\n")).toContain(`${world.provider.issuer}/interaction/`);
    return browser.submit(form, { login: account, password: "x" });
  }

  /** What the application got by the last request. */
  const last = () => world.application.arrivals.at(-1);
  const arrived = () => world.application.arrivals.length;
  const valueIn = (name: string) => last()?.headers.find(([key]) => key === name)?.[1];

  /** Expects that nothing reached the application meanwhile. */
  async function untouched(act: () => Promise<void>): Promise<void> {
    const before = arrived();
    await act();
    expect(world.application.arrivals.slice(before)).toEqual([]);
  }

  test("nobody is led to the sign-in, and scripts are told 401", () =>
    untouched(async () => {
      const browser = new Browser();
      const page = await browser.ask(at("/a?x=1&y=2"));
      expect([page.status, page.headers.get("location")]).toEqual([
        302,
        expect.stringContaining(encodeURIComponent("/a?x=1&y=2")),
      ]);
      const script = await browser.ask(at("/a"), { headers: SCRIPT });
      expect([401, proxy.anonymousPost]).toContain(script.status);
    }));

  test("a POST of nobody ends there", () =>
    untouched(async () => {
      const answer = await new Browser().ask(at("/form"), { method: "POST", body: "a=b" });
      expect(answer.status).toBe(proxy.anonymousPost);
    }));

  test("an open path needs nobody, by its own method", async () => {
    expect((await new Browser().ask(at("/public/x"))).text).toBe("the application");
    await untouched(async () => {
      expect((await new Browser().ask(at("/public/x"), { method: "POST", body: "" })).status).toBe(
        proxy.anonymousPost,
      );
    });
  });

  test("somebody who signed in passes, with a name", async () => {
    expect((await ada.ask(at("/x"))).status).toBe(200);
    expect(valueIn("x-auth-request-user")).toBe("ada");
    expect(valueIn("x-auth-request-email")).toBe("ada@example.com");
    expect(valueIn("x-auth-request-groups")).toBe("ops,dev");
    expect(valueIn("x-auth-request-preferred-username")).toBe("Ada");
  });

  test("the sign-in returns to the whole address", async () => {
    const path = "/deep/a%20b/%E2%82%AC?q=1&r=%26&s=%23x&t=a%2Fb;c";
    const page = await signIn(new Browser(), path, "ada");
    const returned = path.replace(";", proxy.semicolon ?? ";");
    expect(page.hops.at(-1)).toBe(`200 ${at(returned)}`);
    expect(last()?.url).toBe(returned);
  });

  test("slashes reach the application as this proxy has them", async () => {
    await ada.ask(at("/a%2Fb//c"));
    expect(last()?.url).toBe(proxy.slashes);
  });

  test("a body reaches the application once somebody signed in", async () => {
    const answer = await ada.ask(at("/form"), { method: "POST", body: "a=b" });
    expect([answer.status, last()?.method]).toEqual([200, "POST"]);
  });

  test("our own pages reach the browser, and are no way in", () =>
    untouched(async () => {
      for (const browser of [new Browser(), ada]) {
        const info = await browser.ask(at("/oauth2/userinfo"));
        expect(info.status).toBe(browser === ada ? proxy.page : 401);
        if (browser === ada) expect(JSON.parse(info.text)).toMatchObject({ email: "ada@example.com" });
      }
    }));

  test.runIf(proxy.example === "envoy-grpc")("a route's own groups hold for that route", async () => {
    expect((await ada.ask(at("/staff"))).status).toBe(403);
    const sam = new Browser();
    expect((await signIn(sam, "/staff", "sam")).status).toBe(200);
  });

  test("somebody whose address is not permitted does not get in", async () => {
    const browser = new Browser();
    expect((await signIn(browser, "/x", "bob")).status).toBe(403);
    await untouched(async () => expect((await browser.ask(at("/x"))).status).toBe(302));
  });

  const forged = Object.fromEntries(IDENTITY.map((name) => [name, "root"]));

  test("a client's identity headers never reach the application", async () => {
    const nog = new Browser();
    await signIn(nog, "/x", "nog");
    for (const browser of [nog, new Browser()]) {
      const before = arrived();
      await browser.ask(at(browser === nog ? "/x" : "/public/x"), {
        headers: { ...forged, "Gap-Auth": "root" },
      });
      expect(arrived()).toBe(before + 1);
      expect(last()?.headers.filter(([, value]) => value.includes("root"))).toEqual([]);
    }
  });

  test.each([
    ["_", proxy.alias._],
    [".", proxy.alias["."]],
  ])("nor do those spelled with %s", async (mark, status) => {
    for (const name of IDENTITY.slice(0, 4)) {
      const before = arrived();
      const headers = { [name.replaceAll("-", mark)]: "root" };
      expect([name, (await ada.ask(at("/x"), { headers })).status]).toEqual([name, status]);
      if (status !== 200) expect(arrived()).toBe(before);
      else expect(last()?.headers.filter(([, value]) => value === "root")).toEqual([]);
    }
  });

  test("what a client says of another request opens nothing", () =>
    untouched(async () => {
      const headers = {
        "X-Forwarded-Uri": "/public/x",
        "X-Forwarded-Method": "GET",
        "X-Original-URL": at("/public/x"),
        "X-Original-Method": "GET",
        "X-Forwarded-Host": "evil.example",
        "X-Auth-Request-Redirect": "https://evil.example/",
      };
      const page = await new Browser().ask(at("/x"), { headers });
      expect(page.status).toBe(302);
      expect(page.headers.get("location")).not.toContain("evil");
    }));

  test.each([
    "/public/..%2fx",
    "/public/%2e%2e%2fx",
    "/public/..;/x",
    "/public/%252e%252e/x",
    "/public/..%5cx",
  ])("%s is no open path", (path) =>
    untouched(async () => {
      expect([302, 400, 401, 403]).toContain(await rawStatus(path));
    }),
  );

  /** A request whose path no library tidies up. */
  function rawStatus(path: string): Promise<number> {
    const { port } = new URL(world.origin);
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), "127.0.0.1");
      let text = "";
      socket.on("data", (chunk) => {
        text += chunk;
      });
      socket.on("error", reject);
      socket.on("close", () => resolve(Number(/^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1])));
      socket.write(`GET ${path} HTTP/1.1\r\nHost: ${world.host}\r\nConnection: close\r\n\r\n`);
    });
  }

  const socketTo = (path: string, headers: Record<string, string>) =>
    new Promise<string>((resolve) => {
      const socket = new WebSocket(`ws://${world.host}${path}`, { headers });
      socket.on("open", () => socket.send("hello"));
      socket.on("message", (data) => {
        resolve(String(data));
        socket.close();
      });
      socket.on("unexpected-response", (_, response) => {
        resolve(String(response.statusCode));
        response.resume();
        socket.terminate();
      });
      socket.on("error", () => resolve("refused"));
    });

  test("a WebSocket opens for somebody, with a name, and for nobody else", async () => {
    const cookie = ada.header(new URL(at("/socket")));
    expect(await socketTo("/socket", { Cookie: cookie, "X-Auth-Request-User": "root" })).toBe("echo hello");
    expect(valueIn("x-auth-request-user")).toBe("ada");
    await untouched(async () => {
      expect(await socketTo("/socket", {})).toMatch(/^(?:302|401)$/);
    });
  });

  test("our own check of the gateway finds nothing wrong", async () => {
    const { valid, findings } = await world.check(at("/whoami?x=1&y=%26"), "ada@example.com");
    const texts = findings.map(({ text }) => text);
    expect(findings.filter(({ level }) => level === "problem")).toEqual([]);
    expect(valid).toBe(true);
    expect(texts).toContain("the application learns who asks");
    expect(texts).toContain("forged identity headers do not reach the application");
    expect(texts).toContain("a login returns to the page that was asked for");
  });

  test("a session is renewed without a new sign-in, and reaches the browser where the proxy hands it on", async () => {
    const before = ada.cookies("127.0.0.1").get("_oauth2_proxy");
    await pause(2100);
    expect((await ada.ask(at("/x"), { headers: SCRIPT })).status).toBe(200);
    const after = ada.cookies("127.0.0.1").get("_oauth2_proxy");
    expect(world.provider.tokenRequests.get("refresh_token") ?? 0).toBeGreaterThan(0);
    expect(after !== before).toBe(proxy.renews);
    expect((await ada.ask(at("/x"), { headers: SCRIPT })).status).toBe(200);
  });

  test("nobody passes while the decision point is gone, and everything is well when it is back", async () => {
    await world.kill();
    await untouched(async () => {
      for (const browser of [ada, new Browser()])
        expect((await browser.ask(at("/public/x"))).status).toBe(proxy.outage);
    });
    await world.revive();
    await vi.waitFor(async () => expect((await new Browser().ask(at("/public/x"))).status).toBe(200), {
      timeout: 30_000,
      interval: 200,
    });
    const sam = new Browser();
    expect((await signIn(sam, "/x", "sam")).status).toBe(200);
  });

  test("signing out ends it", async () => {
    const browser = new Browser();
    await signIn(browser, "/x", "sam");
    await browser.ask(at("/oauth2/sign_out"));
    await untouched(async () => expect((await browser.ask(at("/x"))).status).toBe(302));
  });
});
