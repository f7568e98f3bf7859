import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { pemBytes } from "../../../pem.ts";
import {
  type Authority,
  createAuthority,
  createRequest,
  fingerprintOfKey,
  generateKey,
  isIssuedBy,
  isUsableKey,
  matchesKey,
  readCertificate,
  readRequest,
  renewalTime,
  signRequest,
} from "../index.ts";

const now = Date.UTC(2026, 0, 1);
const day = 86_400_000;
let authority: Authority;
let key: string;
let csr: string;
let certificate: string;

beforeAll(async () => {
  const privateKey = await generateKey("ec-p256");
  authority = {
    privateKey,
    certificate: await createAuthority({
      commonName: "Test CA",
      privateKey,
      notBefore: now,
      notAfter: now + 100 * day,
    }),
  };
  key = await generateKey();
  csr = await createRequest({
    commonName: "gw.test",
    privateKey: key,
    dnsNames: ["gw.test", "*.gw.test"],
    ipAddresses: ["fd00::1", "10.0.0.1"],
    uniqueId: "u-1",
  });
  certificate = await signRequest({ csr, authority, notBefore: now, notAfter: now + 10 * day });
});

describe("createRequest()", () => {
  test("asks for sorted names, and its signature holds", async () => {
    expect(await readRequest(csr)).toEqual({
      commonName: "gw.test",
      dnsNames: ["*.gw.test", "gw.test"],
      ipAddresses: ["10.0.0.1", "fd00::1"],
      ca: false,
      keyFingerprint: fingerprintOfKey(key),
    });
  });

  test("is the same text for the same RSA key and options, and another one for another unique identifier", async () => {
    const options = { commonName: "gw.test", privateKey: key, dnsNames: ["a.test"] };
    expect(await createRequest(options)).toBe(await createRequest(options));
    expect(await createRequest({ ...options, uniqueId: "2" })).not.toBe(await createRequest(options));
  });

  test.each(["", "x".repeat(65)])("refuses the common name %.10j", async (commonName) => {
    await expect(createRequest({ commonName, privateKey: key })).rejects.toThrow(RangeError);
  });

  test("refuses what is no key, without printing it", async () => {
    await expect(createRequest({ commonName: "a", privateKey: "hunter2" })).rejects.toThrow(
      "Cannot use private key: must be PEM of RSA from 2048 bits, P-256 or P-384",
    );
  });
});

describe("readRequest()", () => {
  test("refuses a request whose signature does not hold", async () => {
    const lines = csr.split("\n");
    const last = lines.at(-2) ?? "";
    lines[lines.length - 2] = `${last.startsWith("A") ? "B" : "A"}${last.slice(1)}`;
    expect(await readRequest(lines.join("\n"))).toBeUndefined();
  });

  test.each(["", "hello", "-----BEGIN CERTIFICATE REQUEST-----\nMA==\n-----END CERTIFICATE REQUEST-----"])(
    "%.12j is none",
    async (text) => {
      expect(await readRequest(text)).toBeUndefined();
    },
  );
});

describe("signRequest()", () => {
  test("makes a certificate for the request's names and key, by the authority", () => {
    const facts = readCertificate(certificate);
    expect(facts).toMatchObject({
      commonName: "gw.test",
      dnsNames: ["*.gw.test", "gw.test"],
      ipAddresses: ["10.0.0.1", "fd00::1"],
      ca: false,
      notBefore: now,
      notAfter: now + 10 * day,
    });
    expect(matchesKey(certificate, { privateKey: key })).toBe(true);
    expect(isIssuedBy(certificate, authority.certificate)).toBe(true);
    expect(isIssuedBy(authority.certificate, certificate)).toBe(false);
  });

  test("writes whole seconds, and years from 2050 as GeneralizedTime", async () => {
    const privateKey = await generateKey("ec-p256");
    const notAfter = Date.UTC(2060, 0, 1, 0, 0, 1, 999);
    const certificate = await createAuthority({ commonName: "CA", privateKey, notBefore: now + 1, notAfter });
    expect(Buffer.from(pemBytes(certificate)).toString("latin1")).toContain(
      "\x17\r260101000000Z\x18\x0f20600101000001Z",
    );
    expect(readCertificate(certificate)?.notAfter).toBe(Date.UTC(2060, 0, 1, 0, 0, 1));
  });

  test("never outlives the authority", async () => {
    const long = await signRequest({ csr, authority, notBefore: now, notAfter: now + 1000 * day });
    expect(readCertificate(long)?.notAfter).toBe(now + 100 * day);
  });

  test("signs an authority only when told so", async () => {
    const asking = await createRequest({ commonName: "Sub CA", privateKey: key, ca: true });
    expect((await readRequest(asking))?.ca).toBe(true);
    const plain = await signRequest({ csr: asking, authority, notBefore: now, notAfter: now + day });
    const sub = await signRequest({ csr: asking, authority, notBefore: now, notAfter: now + day, ca: true });
    expect([readCertificate(plain)?.ca, readCertificate(sub)?.ca]).toEqual([false, true]);
    expect([matchesKey(sub, { privateKey: key }), matchesKey(sub, { privateKey: key, ca: true })]).toEqual([
      false,
      true,
    ]);
  });
});

test("matchesKey() refuses a certificate for another key", () => {
  expect(matchesKey(certificate, { privateKey: authority.privateKey })).toBe(false);
  expect(matchesKey("hello", { privateKey: key })).toBe(false);
  expect(matchesKey(certificate, { privateKey: "hello" })).toBe(false);
});

test("isUsableKey() is for RSA from 2048 bits and two curves", async () => {
  expect([
    isUsableKey(key),
    isUsableKey(authority.privateKey),
    isUsableKey("hello"),
    isUsableKey(certificate),
  ]).toEqual([true, true, false, false]);
});

test("renewalTime() is a share of the validity", () => {
  const facts = readCertificate(certificate);
  expect(facts && renewalTime(facts)).toBe(now + 9 * day);
  expect(() => facts && renewalTime(facts, 0.5)).toThrow(RangeError);
});

describe("recorded certificates of the Python libraries", () => {
  const golden = JSON.parse(
    readFileSync(new URL("../../../../test/golden/databags/tls-certificates.json", import.meta.url), "utf8"),
  );
  const bags = (
    golden.writes as { local_app: Record<string, string>; local_unit?: Record<string, string> }[]
  ).flatMap((one) => [one.local_app, one.local_unit ?? {}]);
  const entries = (key: string) =>
    bags.flatMap((bag) => (bag[key] === undefined ? [] : (JSON.parse(bag[key]) as Record<string, string>[])));
  const certificates = entries("certificates");
  const csrs = [
    ...new Set(
      entries("certificate_signing_requests").map((one) => one["certificate_signing_request"] ?? ""),
    ),
  ];

  test(`are read: ${certificates.length} certificates`, () => {
    expect(certificates.length).toBeGreaterThan(10);
    for (const one of certificates) {
      expect(readCertificate(one["certificate"] ?? "")?.notAfter).toBeGreaterThan(now);
      expect(readCertificate(one["ca"] ?? "")?.ca).toBe(true);
    }
  });

  test(`are read: ${csrs.length} requests, whose signatures hold`, async () => {
    expect(csrs.length).toBeGreaterThan(10);
    for (const one of csrs) expect((await readRequest(one))?.commonName).toBeDefined();
  });
});
