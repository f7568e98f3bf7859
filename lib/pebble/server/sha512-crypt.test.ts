import { expect, test } from "vitest";
import { verifySha512Crypt } from "./sha512-crypt.ts";

// Made by crypt(3).
test.each([
  [
    "Hello world!",
    "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
  ],
  [
    "pässword of a length that is beyond sixty-four bytes, so that blocks repeat",
    "$6$rounds=1400$anotherlongsalt$blW/qScHPTC9m0n1bXhEgKfpD1DdOr2JmGc5jDCJ4D0fmtY7/LmGnelSpFg.rjmyZAOLPPZ3EJgXk3gv3V3RP/",
  ],
  ["", "$6$a$Z6IPkDduHdwavesVY2NFMpOHkigshxPYdhfLg0D3A7/XFQcso9RV2E8qczyJ2su.dj6RRLaTpvgwN1rZfK0I9."],
])("verifySha512Crypt() knows the password %j, and no other", (password, hash) => {
  expect(verifySha512Crypt(hash, password)).toBe(true);
  expect(verifySha512Crypt(hash, `${password}x`)).toBe(false);
});

test.each(["", "$6$", "$5$a$b", `$6$a$${"x".repeat(85)}`, `$6$rounds=999999999$a$${"x".repeat(86)}`])(
  "verifySha512Crypt() takes no password for %j",
  (hash) => expect(verifySha512Crypt(hash, "")).toBe(false),
);
