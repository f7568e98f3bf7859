import { describe, expect, test } from "vitest";
import { gateway, hostFault } from "./address.ts";

const standard = { address: "203.0.113.7", ports: [{ port: 80 }, { port: 443 }] };
const laptop = { address: "gw.localhost", ports: [{ port: 8080 }, { port: 8443 }] };

describe("gateway()", () => {
  test.each([
    [
      "the load balancer's address",
      { externalHostname: undefined, published: standard, tls: true },
      "203.0.113.7",
    ],
    [
      "a port that is not the scheme's own",
      { externalHostname: undefined, published: laptop, tls: true },
      "gw.localhost:8443",
    ],
    [
      "the web port without TLS",
      { externalHostname: undefined, published: laptop, tls: false },
      "gw.localhost:8080",
    ],
    [
      "the option wins",
      { externalHostname: "gw.example.com", published: standard, tls: true },
      "gw.example.com",
    ],
    [
      "the option takes its port from the load balancer",
      { externalHostname: "gw.example.com", published: laptop, tls: true },
      "gw.example.com:8443",
    ],
    [
      "or brings its own",
      { externalHostname: "GW.example.com:9443", published: standard, tls: true },
      "gw.example.com:9443",
    ],
    [
      "an IPv6 address in brackets",
      { externalHostname: undefined, published: { ...standard, address: "fd00::7" }, tls: true },
      "[fd00::7]",
    ],
  ])("%s", (_title, options, authority) => {
    expect(gateway(options)?.authority).toBe(authority);
  });

  test("there is none while nothing has an address", () => {
    expect(gateway({ externalHostname: undefined, published: { ports: [] }, tls: true })).toBeUndefined();
  });

  test("plain HTTP is redirected to the public port", () => {
    expect(gateway({ externalHostname: undefined, published: laptop, tls: true })?.httpsPort).toBe(8443);
    expect(gateway({ externalHostname: "gw.test:9443", published: laptop, tls: true })?.httpsPort).toBe(9443);
  });
});

test.each([
  "https://gw.test",
  "gw.test/path",
  "gw test",
  "gw.test:0",
  "gw.test:70000",
  "-gw.test",
  "a_b.test",
  "gw.256",
  "",
])("hostFault() refuses %j", (text) => {
  expect(hostFault(text)).toMatch(/must be a host name/);
});
