import assert from "node:assert/strict";
import { BlockList, isIP } from "node:net";
import { readHop } from "../server/client.ts";
import { fuzz, hostileText } from "./run.ts";

const PIECES = [
  "10.0.0.1",
  "::ffff:",
  "fd00::1",
  "[",
  "]",
  ":",
  "80",
  ".",
  "0",
  "x",
  "%eth0",
  " ",
  ",",
  "1",
  "256",
  "0x0a",
];

fuzz(
  (random) => hostileText(random, PIECES, 6),
  (input) => {
    const address = readHop(input);
    if (address === undefined) return;
    assert(isIP(address) !== 0, "no address");
    assert(input.includes(address), "another address than was written");
    assert(/^[\da-f.:]+$/i.test(address), "a zone or a port");
    new BlockList().addAddress(address, isIP(address) === 4 ? "ipv4" : "ipv6");
  },
);
