import { decode, encode } from "charmed-iap/interface";
import { describe, expect, test } from "vitest";
import { authority, receiver, receiverUrl, requested, tracing } from "./index.ts";

const { provider, requirer } = tracing.sides;

test("a backend's receivers are written with the type of their protocol and read back", () => {
  const receivers = [receiver("otlp_http", "http://tempo:4318"), receiver("otlp_grpc", "tempo:4317")];
  const raw = encode(provider.app, { receivers });
  expect(raw).toEqual({
    receivers:
      '[{"protocol":{"name":"otlp_http","type":"http"},"url":"http://tempo:4318"},{"protocol":{"name":"otlp_grpc","type":"grpc"},"url":"tempo:4317"}]',
  });
  expect(decode(provider.app, raw)).toEqual({ state: "ready", data: { receivers } });
});

test("the first receiver of a protocol counts; none is undefined", () => {
  const receivers = [receiver("zipkin", "http://a"), receiver("zipkin", "http://b")];
  expect(receiverUrl({ receivers }, "zipkin")).toBe("http://a");
  expect(receiverUrl({ receivers }, "otlp_http")).toBeUndefined();
});

test("protocols of newer backends are passed over, not refused", () => {
  const raw = { receivers: '[{"protocol":{"name":"otlp_quic","type":"http"},"url":"http://a"}]' };
  expect(decode(provider.app, raw).state).toBe("ready");
});

describe("requests", () => {
  test("are united and sorted", () => {
    expect(requested([{ receivers: ["zipkin", "otlp_http"] }, { receivers: ["otlp_http"] }])).toEqual([
      "otlp_http",
      "zipkin",
    ]);
  });

  test.each([
    ["", "pending"],
    ['["otlp_http"]', "ready"],
    ["[]", "ready"],
    ['["otlp-http"]', "invalid"],
    ["otlp_http", "invalid"],
    ['{"otlp_http":1}', "invalid"],
  ])("%j is %s", (text, state) => {
    expect(decode(requirer.app, text === "" ? {} : { receivers: text }).state).toBe(state);
  });
});

test.each([
  ["http://tempo:4318", "tempo:4318"],
  ["https://tempo:4318/v1", "tempo:4318"],
  ["tempo:4317", "tempo:4317"],
])("authority(%j) is %j", (url, expected) => {
  expect(authority(url)).toBe(expected);
});
