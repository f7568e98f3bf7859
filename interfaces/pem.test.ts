import * as fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalPem, pem, pemBlocks } from "./pem.ts";

test("pem() of any bytes is found again, whatever the line ends and what stands around it", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
      fc.constantFrom("\n", "\r\n"),
      (bytes, end) => {
        const text = pem(bytes, "CERTIFICATE");
        expect(pemBlocks(`x${end}${text.replaceAll("\n", end)}${end}y`, "CERTIFICATE")).toEqual([text]);
        expect(canonicalPem(`${text}\n`, "CERTIFICATE")).toBe(text);
        expect(canonicalPem(`${text}\nx`, "CERTIFICATE")).toBeUndefined();
        expect(pemBlocks(text, "CERTIFICATE REQUEST")).toEqual([]);
      },
    ),
  );
});

test("pemBlocks() reads long junk in time that grows with its length", () => {
  const junk = "-----BEGIN CERTIFICATE-----\nQUFB".repeat(20_000);
  const started = process.threadCpuUsage();
  expect(pemBlocks(junk, "CERTIFICATE")).toEqual([]);
  expect(process.threadCpuUsage(started).user / 1000).toBeLessThan(2_000);
});

test("the older label of requests is read", () => {
  const old = "-----BEGIN NEW CERTIFICATE REQUEST-----\nQUFB\n-----END NEW CERTIFICATE REQUEST-----";
  expect(pemBlocks(old, "CERTIFICATE REQUEST")).toEqual([pem(Buffer.from("AAA"), "CERTIFICATE REQUEST")]);
});
