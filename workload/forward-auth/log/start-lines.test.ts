/** What is said at a start, and that it is said once. */
import { expect, test } from "vitest";
import { COMPAT } from "../testing/compat.ts";
import { startPoint } from "../testing/point.ts";

async function linesOf(more: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const point = await startPoint(undefined, { ...COMPAT, OAUTH2_PROXY_UPSTREAMS: "static://200", ...more });
  await point.close();
  return point.log.join("").split("\n");
}

const STRICT = {
  OAUTH2_PROXY_DECISION_MODE: "forwarded",
  OAUTH2_PROXY_REDIRECT_URL: "http://app.example.com/oauth2/callback",
};

test.each([
  ["reverse_proxy without trusted proxies", { OAUTH2_PROXY_REVERSE_PROXY: "true" }, /trusted.proxy.ip/],
  [
    "redirects to insecure HTTP",
    { OAUTH2_PROXY_COOKIE_SECURE: "false", OAUTH2_PROXY_REDIRECT_URL: "" },
    /insecure HTTP/,
  ],
])("compat says once: %s", async (_what, more, said) => {
  expect((await linesOf(more)).filter((line) => said.test(line))).toHaveLength(1);
});

test("warnings that oauth2-proxy does not have are there in each mode", async () => {
  for (const mode of [{}, STRICT]) {
    const lines = await linesOf({ ...mode, OAUTH2_PROXY_COOKIE_DOMAINS: "example.com" });
    expect(lines.filter((line) => line.includes("cookie_domains lets every host"))).toHaveLength(1);
  }
});
