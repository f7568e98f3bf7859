import { decode } from "charmed-iap/interface";
import { type Protocol, receiver, receiverUrl, requested, tracing } from "../../tracing/v2/index.ts";
import { type Adapter, bag, type ReadCase, type WriteCase } from "../types.ts";
import { argumentOf } from "./calls.ts";

export const tracingAdapter: Adapter = {
  readme: "tracing/v2",
  sets: [],
  sides: () => tracing.sides,
  publish: (one) => (one.role === "requirer" ? request(one) : answer(one)),
  understood: (one) => (one.role === "requirer" ? learnt(one) : asked(one)),
};

function request(one: WriteCase) {
  if (one.given.hook === "broken" || one.given.leader === false) return undefined;
  const protocols = (one.given.options?.["protocols"] ?? ["otlp_http"]) as Protocol[];
  return protocols.length === 0 ? undefined : { app: { receivers: protocols } };
}

function answer(one: WriteCase) {
  const receivers = argumentOf(one, "publish_receivers") as [Protocol, string][] | undefined;
  return receivers === undefined
    ? undefined
    : { app: { receivers: receivers.map(([protocol, url]) => receiver(protocol, url)) } };
}

function asked(one: ReadCase) {
  const parsed = one.outcome.parsed as { requested: string[] } | null | undefined;
  // A relation that is breaking is no longer shown to a charm.
  if (parsed === null || parsed === undefined || one.case.includes("broken")) return undefined;
  const read = decode(tracing.sides.requirer.app, bag(one.remote_app));
  const ours = read.state === "ready" ? requested([read.data]) : [];
  return { ours: { requested: ours }, theirs: { requested: parsed.requested.toSorted() } };
}

function learnt(one: ReadCase) {
  const parsed = one.outcome.parsed as
    | { ready: boolean; endpoints: Record<string, unknown> }
    | null
    | undefined;
  if (parsed === null || parsed === undefined) return undefined;
  const read = decode(tracing.sides.provider.app, bag(one.remote_app));
  // Asking for a protocol that was not requested is refused there; here it is a question like another.
  const told = Object.entries(parsed.endpoints).filter(
    ([, value]) => typeof value !== "object" || value === null,
  );
  const url = (name: string) =>
    read.state === "ready" ? (receiverUrl(read.data, name as Protocol) ?? null) : null;
  return {
    ours: {
      ready: read.state === "ready",
      endpoints: Object.fromEntries(told.map(([name]) => [name, url(name)])),
    },
    theirs: { ready: parsed.ready, endpoints: Object.fromEntries(told) },
  };
}
