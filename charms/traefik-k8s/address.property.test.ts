import fc from "fast-check";
import { expect, test } from "vitest";
import { gateway, hostFault } from "./address.ts";

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/);
const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => `${labels.join(".")}.test`);
/** Ends as an IPv4 address does, which a URL takes for one. */
const numeric = fc.tuple(name, fc.nat(999)).map(([text, number]) => `${text}.${number}`);
const port = fc.integer({ min: 1, max: 65_535 });
const published = fc.record({
  address: fc.oneof(name, fc.ipV4(), fc.ipV6()),
  ports: fc.tuple(port, port).map((ports) => ports.map((one) => ({ port: one }))),
});

test("hostFault() throws on nothing, and what it lets through can only be an authority", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.webUrl(), fc.webAuthority(), fc.ipV6(), numeric), (text) => {
      if (hostFault(text) !== undefined) return;
      const url = new URL(`https://${text}/`);
      expect([url.pathname, url.search, url.hash, url.username, url.password]).toEqual(["/", "", "", "", ""]);
      const address = gateway({ externalHostname: text, published: undefined, tls: true });
      expect(address?.host).not.toMatch(/[^a-z0-9.-]/);
    }),
  );
});

test("gateway() is the same place as its URL", () => {
  fc.assert(
    fc.property(fc.option(name, { nil: undefined }), published, fc.boolean(), (externalHostname, lb, tls) => {
      const address = gateway({ externalHostname, published: lb, tls });
      expect(address?.scheme).toBe(tls ? "https" : "http");
      const url = `${address?.scheme}://${address?.authority}/`;
      expect(URL.canParse(url), url).toBe(true);
      const own = tls ? 443 : 80;
      expect(Number(new URL(url).port || own)).toBe(lb.ports[tls ? 1 : 0]?.port);
    }),
  );
});
