import assert from "node:assert/strict";
import { readCheck } from "../points/grpc/check-request.ts";
import { AUTHORIZATION, type CheckRequest, decodeCheck } from "../points/grpc/messages.ts";
import { tellOriginal } from "../points/told.ts";
import { readHead } from "../server/head.ts";
import { fuzz } from "./run.ts";

const QUESTION: CheckRequest = {
  attributes: {
    source: { address: { socket_address: { address: "203.0.113.7" } } },
    request: {
      http: {
        method: "GET",
        path: "/app?x=1",
        host: "gw.example.com",
        scheme: "https",
        headers: { cookie: "_oauth2_proxy=x", "x-forwarded-uri": "/open", host: "evil", ":path": "/" },
        header_map: { headers: [{ key: "X-Forwarded-Host", raw_value: Buffer.from("evil") }] },
      },
    },
    context_extensions: { allowed_groups: "ops", application: "app" },
  },
};
const BYTES = AUTHORIZATION["Check"]?.requestSerialize(QUESTION) ?? Buffer.alloc(0);

function decoded(input: string): CheckRequest | undefined {
  try {
    return decodeCheck(Buffer.from(input, "latin1"));
  } catch {
    return undefined;
  }
}

fuzz(
  (random) => {
    const bytes = Buffer.from(BYTES);
    for (let changes = random() * 12; changes > 0; changes--)
      bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
    const end = random() < 0.2 ? Math.floor(random() * bytes.length) : bytes.length;
    return bytes.toString("latin1", 0, end);
  },
  (input) => {
    const check = decoded(input);
    if (check === undefined) return;
    const { asked } = readCheck(check, "127.0.0.1");
    const { method, url } = asked;
    if (method === undefined || url === undefined) return;
    const mode = { mode: "envoy-grpc", secure: true } as const;
    const head = tellOriginal(readHead(asked.rawHeaders), { method, url }, mode);
    const host = Buffer.from(check.attributes?.request?.http?.host ?? "", "utf8").toString("latin1");
    assert.equal(head["x-forwarded-uri"], url, "a header decided the path");
    assert.equal(head["x-forwarded-host"], host, "a header decided the host");
  },
);
