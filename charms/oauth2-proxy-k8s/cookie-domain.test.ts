import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { reach } from "./cookie-domain.ts";

const file = (...hosts: string[]) => ({
  version: 1 as const,
  applications: { app: { routes: [{ hosts }], allow: {} } },
});

describe("reach()", () => {
  test.each([
    ["https://gw.example.com/auth", ["gw.example.com:8443"], undefined, []],
    ["https://auth.gw.example.com", ["app.gw.example.com"], "gw.example.com", []],
    ["https://gw.example.com/auth", ["app.gw.example.com"], "gw.example.com", []],
    ["https://auth.gw.example.com", ["elsewhere.test"], undefined, ["elsewhere.test"]],
    ["https://example.com", ["example.org"], undefined, ["example.org"]],
    ["https://auth.com", ["app.com"], undefined, ["app.com"]],
    ["https://10.0.0.1", ["10.0.0.2"], undefined, ["10.0.0.2"]],
  ])("%s with %j", (baseUrl, hosts, domain, unreachable) => {
    expect(reach(baseUrl, file(...hosts))).toEqual({ domain, unreachable });
  });

  test("the domain is never wider than the parent of the sign-in host", () => {
    fc.assert(
      fc.property(fc.domain(), fc.array(fc.domain()), (signIn, hosts) => {
        const { domain } = reach(`https://${signIn}`, file(...hosts));
        const host = new URL(`https://${signIn}`).hostname;
        expect([undefined, host, host.slice(host.indexOf(".") + 1)]).toContain(domain);
      }),
    );
  });
});
