import { expect, test } from "vitest";
import type { Exchange } from "../server/exchange.ts";
import { patienceOf } from "./patience.ts";
import { ENVOY_GRPC, ENVOY_HTTP, POINTS, type Point } from "./point.ts";

const patience = (point: Point | undefined, timeLeft?: number, header?: string) =>
  patienceOf({
    point,
    timeLeft,
    head: header === undefined ? {} : { "x-envoy-expected-rq-timeout-ms": header },
  } as unknown as Exchange);

test.each([
  ["Envoy's default over HTTP", ENVOY_HTTP, undefined, undefined, 150],
  ["what Envoy says over HTTP", ENVOY_HTTP, undefined, "2000", 1950],
  ["no number", ENVOY_HTTP, undefined, "soon", 150],
  ["hardly any time", ENVOY_HTTP, undefined, "10", 50],
  ["the deadline over gRPC", ENVOY_GRPC, 600, undefined, 550],
  ["a deadline that is over", ENVOY_GRPC, -5, undefined, 50],
  ["a deadline, whatever a header says", ENVOY_GRPC, 600, "9999", 550],
  ["no deadline over gRPC", ENVOY_GRPC, undefined, undefined, 150],
  ["Traefik, whatever a client says", POINTS.get("forwarded"), undefined, "1", undefined],
  ["the listener itself", undefined, undefined, "1", undefined],
] as const)("%s", (_what, point, timeLeft, header, expected) => {
  expect(patience(point, timeLeft, header)).toBe(expected);
});
