import { describe, expect, test } from "vitest";
import { type Ground, refusal } from "./ground.ts";

/** Of no password. */
const HASH = `$6$salt$${"x".repeat(86)}`;
const OTHER_USER = 4_000_000_000;

/** Of a key that nobody has, valid for a hundred years. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBNjCB6aADAgECAhQK5MmfJ9YGFPnuTZ1J92TOSFHSUTAFBgMrZXAwEDEOMAwG
A1UEAwwFY2hhcm0wIBcNMjYxMTI3MDExODEyWhgPMjEyNjExMDMwMTE4MTJaMBAx
DjAMBgNVBAMMBWNoYXJtMCowBQYDK2VwAyEAYseDIVoR4dNuXkKd+9DhMRk1N/5m
zNo78+1VpciFvSajUzBRMB0GA1UdDgQWBBSHXwZHbXLgNSkMdXE9dlONSJAo4zAf
BgNVHSMEGDAWgBSHXwZHbXLgNSkMdXE9dlONSJAo4zAPBgNVHRMBAf8EBTADAQH/
MAUGAytlcANBAISHuATNGUJt/rlQRUnwWBKghDGmjFITeTC9YyYWkoEvUlHWb+tb
PVTB7erA1RLbhPC+2LBPleKWFDRz6LA8BQ0=
-----END CERTIFICATE-----
`;

const NO_CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBfTCCASOgAwIBAgIUAQIDBAUGBwgJCgsMDQ4PEBESExQwCgYIKoZIzj0EAwIw
-----END CERTIFICATE-----
`;

export function identities(on: Ground): void {
  describe("identities", () => {
    test("are added, changed, replaced and removed, secrets hidden", async () => {
      const { pebble } = on;
      expect(await pebble.identities()).toEqual({});
      await pebble.addIdentities({
        charm: { access: "admin", local: { "user-id": OTHER_USER } },
        mon: { access: "metrics", basic: { password: HASH } },
      });
      expect(await pebble.identities()).toEqual({
        charm: { access: "admin", local: { "user-id": OTHER_USER } },
        mon: { access: "metrics", basic: { password: "*****" } },
      });
      await pebble.updateIdentities({ charm: { access: "read", local: { "user-id": OTHER_USER } } });
      expect((await pebble.identities())["charm"]).toMatchObject({ access: "read" });
      await pebble.replaceIdentities({
        mon: null,
        new: { access: "untrusted", local: { "user-id": OTHER_USER + 1 } },
      });
      expect(Object.keys(await pebble.identities()).sort()).toEqual(["charm", "new"]);
      await pebble.removeIdentities(["charm", "new"]);
      expect(await pebble.identities()).toEqual({});
    });

    const local = { access: "read", local: { "user-id": OTHER_USER } };
    const levels = '"admin", "read", "metrics", or "untrusted"';
    test.each([
      ["x", {}, 'invalid action "x", must be "add", "update", "replace", or "remove"'],
      ["add", { a: null }, 'identity value for "a" must not be null for add operation'],
      ["update", { a: null }, 'identity value for "a" must not be null for update operation'],
      ["remove", { a: local }, 'identity value for "a" must be null for remove operation'],
      ["update", { b: local }, "identities do not exist: b"],
      ["remove", { c: null, b: null }, "identities do not exist: b, c"],
      ["add", { a: local, b: local }, `cannot have multiple identities with user ID ${OTHER_USER} (a, b)`],
      [
        "add",
        { a: { local: local.local } },
        `invalid identity for "a": access value must be specified (${levels})`,
      ],
      [
        "add",
        { a: { ...local, access: "x" } },
        `invalid identity for "a": invalid access value "x", must be ${levels}`,
      ],
      [
        "add",
        { a: { access: "read", local: {} } },
        'invalid identity for "a": local identity must specify user-id',
      ],
      [
        "add",
        { a: { access: "read" } },
        'invalid identity for "a": identity must have at least one type ("local", "basic", or "cert")',
      ],
      [
        "add",
        { a: { access: "read", basic: {} } },
        'invalid identity for "a": basic identity must specify password (hashed)',
      ],
      [
        "add",
        { a: { access: "read", cert: { pem: "x" } } },
        'invalid identity for "a": cert identity must include a PEM-encoded certificate',
      ],
      [
        "add",
        { a: { access: "read", cert: { pem: `${NO_CERTIFICATE}x` } } },
        'invalid identity for "a": cert identity cannot have extra data after the PEM block',
      ],
      [
        "add",
        { "1": local },
        'invalid identity for "1": identity name "" invalid: must start with an alphabetic character and only contain alphanumeric characters, underscore, and hyphen',
      ],
    ])("action %s with %j is refused", async (action, asked, message) => {
      const answer = await on.raw("POST", "/v1/identities", { action, identities: asked });
      expect(answer).toMatchObject({ "status-code": 400, result: { message } });
      expect(await on.pebble.identities()).toEqual({});
    });

    test("of a certificate are kept, hidden, and may be of other kinds too", async () => {
      const { pebble } = on;
      const cert = { pem: CERTIFICATE };
      await pebble.addIdentities({ phone: { access: "read", cert } });
      expect(await pebble.identities()).toEqual({ phone: { access: "read", cert: { pem: "*****" } } });
      const local = { "user-id": OTHER_USER };
      await pebble.updateIdentities({ phone: { access: "admin", cert, local, basic: { password: HASH } } });
      expect(await pebble.identities()).toEqual({
        phone: { access: "admin", cert: { pem: "*****" }, local, basic: { password: "*****" } },
      });
      await pebble.replaceIdentities({ phone: null });
      expect(await pebble.identities()).toEqual({});
    });

    test("a certificate that is none is refused", async () => {
      const asked = { a: { access: "read" as const, cert: { pem: NO_CERTIFICATE } } };
      const { status, detail } = await refusal(on.pebble.addIdentities(asked));
      expect([status, detail]).toEqual([400, expect.stringContaining("cannot parse certificate from cert")]);
    });

    test("one that exists already cannot be added", async () => {
      const asked = { a: { access: "read" as const, local: { "user-id": OTHER_USER } } };
      await on.pebble.addIdentities(asked);
      expect((await refusal(on.pebble.addIdentities(asked))).detail).toBe("identities already exist: a");
    });

    test("of one's own user decides what one may do", async () => {
      const { pebble } = on;
      const own = { "user-id": process.getuid!() };
      await pebble.addIdentities({ me: { access: "read", local: own } });
      const denied = { status: 401, kind: "login-required", detail: "access denied" };
      expect(await pebble.services()).toEqual([]);
      await pebble.notify("example.com/allowed");
      const refused = [
        () => pebble.plan(),
        () => pebble.read("/etc/hostname"),
        () => pebble.exec(["/bin/true"]),
        () => pebble.addLayer("a", {}),
        () => pebble.removeIdentities(["me"]),
      ];
      for (const ask of refused) expect(await refusal(ask())).toEqual(denied);
      expect((await refusal(pebble.notices({ users: "all" }))).status).toBe(403);
      expect((await refusal(pebble.notices({ userId: 1 }))).detail).toBe(
        'only admins may use the "user-id" filter',
      );
    });

    test("an untrusted user gets what is open to all, and nothing else", async () => {
      await on.pebble.addIdentities({ me: { access: "untrusted", local: { "user-id": process.getuid!() } } });
      expect((await on.pebble.systemInfo()).version).toMatch(/^v1/);
      expect((await refusal(on.pebble.services())).status).toBe(401);
      expect((await refusal(on.pebble.metrics())).status).toBe(401);
    });
  });
}
