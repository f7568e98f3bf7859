import { readFileSync } from "node:fs";
import { type StateOf, transition } from "charmed-iap/testing";
import "charmed-iap/testing/vitest";
import { describe, expect, test } from "vitest";
import charm from "../../charm/testdata/charm.ts";

const complete = {
  leader: true,
  relations: {
    ingress: { remoteAppData: { ingress: { url: "https://gw.test/a" } } },
    oauth: { id: 7, remoteAppData: { issuer_url: "https://id.test", client_id: "c", client_secret_id: "s" } },
  },
} satisfies StateOf<typeof charm>;

const rejects = (act: () => void): string => {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("nothing was rejected");
};

describe("matchers", () => {
  test("for statuses", async () => {
    const bare = await transition(charm, "install");
    expect(bare).toBeBlocked();
    expect(bare).toBeBlocked("relation required");
    expect(bare).toBeBlocked(/^ingress: /);
    expect(bare).not.toBeActive();
    expect(rejects(() => expect(bare).toBeWaiting("for Pebble"))).toBe(
      "expected the status to be waiting: for Pebble, is blocked: ingress: relation required",
    );
    expect(rejects(() => expect(bare).not.toBeBlocked())).toContain("not to be blocked");
    expect(rejects(() => expect(bare).toBeBlocked("oauth"))).toContain("is blocked: ingress");
  });

  test("for what is published, as text or as the value it stands for", async () => {
    const after = await transition(charm, "config-changed", complete);
    expect(after).toHavePublished("oauth", { scope: "openid email", grant_types: ["authorization_code"] });
    expect(after).toHavePublished("oauth", { grant_types: '["authorization_code"]' }, 7);
    expect(after).not.toHavePublished("oauth", { scope: "openid" });
    expect(after).not.toHavePublished("oauth", {}, 8);
    expect(rejects(() => expect(after).toHavePublished("auth-proxy", {}))).toContain(
      "there is no such relation",
    );
    expect(rejects(() => expect(after).toHavePublished("oauth", { scope: "x" }))).toContain(
      "this published on oauth",
    );
    expect(after).toHavePublishedUnit("oauth", {});
  });

  test("for services and the log", async () => {
    const after = await transition(charm, "config-changed", complete);
    expect(after).toRun("proxy");
    expect(after).toRun("proxy", "proxy");
    expect(after).not.toRun("proxy", "other");
    expect(after).toHaveStarted("proxy");
    expect(await transition(charm, "config-changed", after.next)).not.toHaveStarted("proxy");
    expect(after).not.toHaveLogged("anything");
    expect(rejects(() => expect(after).toRun("web"))).toBe("expected web to run, running: proxy");
    expect(rejects(() => expect(after).toHaveLogged(/x/))).toContain("to be logged, was: nothing");
  });
});

test("charmed-iap/testing itself does not need vitest", () => {
  const index = readFileSync(new URL("../index.ts", import.meta.url), "utf8");
  expect(index).not.toMatch(/vitest/);
});
