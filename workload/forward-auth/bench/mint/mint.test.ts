import { createDecipheriv } from "node:crypto";
import { expect, test } from "vitest";
import { COOKIE_SECRET, cookieHeader, ENTRA, HYDRA, sessionValue } from "./cookie.ts";
import { frame, xxHash32 } from "./lz4.ts";

// Values of xxHash32 from its specification's reference implementation.
test.each([
  ["", 0x02cc5d05],
  ["a", 0x550d7456],
  ["abc", 0x32d153ff],
  ["Nobody inspects the spammish repetition", 0xe2293b2f],
])("xxHash32 of %o", (text, hash) => {
  expect(xxHash32(Buffer.from(text))).toBe(hash);
});

test("a frame is magic, stored block, end mark, checksum", () => {
  const bytes = frame(Buffer.from("abc"));
  expect(bytes.toString("hex")).toBe("04224d186440a703000080616263" + "00000000" + "ff53d132");
});

test("a minted value opens with the secret and holds the record", () => {
  const [value = ""] = sessionValue(HYDRA, 7).split("|");
  const bytes = Buffer.from(value, "base64url");
  const key = Buffer.from(COOKIE_SECRET, "base64url");
  const plain = createDecipheriv("aes-256-cfb", key, bytes.subarray(0, 16)).update(bytes.subarray(16));
  expect(plain.subarray(0, 4).toString("hex")).toBe("04224d18");
  expect(plain.includes("user-0000007@example.com")).toBe(true);
});

test("sizes are those of the two kinds of provider", () => {
  expect(sessionValue(HYDRA, 1).length).toBeGreaterThan(1650);
  expect(sessionValue(HYDRA, 1).length).toBeLessThan(1850);
  expect(cookieHeader(sessionValue(ENTRA, 1)).split("; ")).toHaveLength(2);
});
