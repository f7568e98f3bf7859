import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { readSettings } from "../settings.ts";
import { Provider, reasonOf } from "./provider.ts";

/** Looks for a provider that answers with `metadata`, or with nothing at all. */
async function look(metadata: ((issuer: string) => unknown) | undefined, issuerOf = (base: string) => base) {
  const server = createServer((_, response) => {
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify(metadata?.(base)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  if (metadata === undefined) server.close();
  const settings = readSettings(
    {
      OAUTH2_PROXY_COOKIE_SECRET: "0123456789abcdef",
      OAUTH2_PROXY_EMAIL_DOMAINS: "*",
      OAUTH2_PROXY_OIDC_ISSUER_URL: issuerOf(base),
      OAUTH2_PROXY_CLIENT_ID: "id",
      OAUTH2_PROXY_CLIENT_SECRET: "secret",
    },
    [],
  );
  const told: string[] = [];
  const provider = new Provider(settings, {
    found: () => told.push("found"),
    failed: (_, reason) => told.push(reason),
  });
  await provider.start();
  provider.close();
  server.close();
  server.closeAllConnections();
  return { state: provider.state, told };
}

test("finds the provider by its own name only", async () => {
  expect(await look((issuer) => ({ issuer, token_endpoint: `${issuer}/t` }))).toMatchObject({
    state: "ready",
    told: ["found"],
  });
  const other = await look(() => ({
    issuer: "https://evil.example",
    token_endpoint: "https://evil.example/t",
  }));
  expect([other.state, other.told.length]).toEqual(["unreachable", 1]);
});

test("an answer that is too large, or none, is no provider", async () => {
  const large = await look((issuer) => ({ issuer, filler: "x".repeat(2_000_000) }));
  expect([large.state, large.told[0]]).toEqual([
    "unreachable",
    expect.stringContaining("ERR_ANSWER_TOO_LARGE"),
  ]);
  const none = await look(undefined);
  expect([none.state, none.told[0]]).toEqual(["unreachable", expect.stringContaining("ECONNREFUSED")]);
});

test("reasons are codes, not messages", () => {
  const cause = Object.assign(new Error("secret text"), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
  expect(reasonOf(new TypeError("fetch failed", { cause }))).toBe("DEPTH_ZERO_SELF_SIGNED_CERT");
  expect(reasonOf(new TypeError("secret text"))).toBe("TypeError");
  expect(reasonOf("text")).toBe("unknown");
  const circle: { code: string; cause?: unknown } = { code: "A" };
  circle.cause = circle;
  expect(reasonOf(circle)).toBe("A");
});
