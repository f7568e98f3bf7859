import { decode } from "charmed-iap/interface";
import { certificatesOfUnit, certificateTransferV0 } from "../../certificate_transfer/v0/index.ts";
import { certificates, certificateTransfer, offer, VERSION_1 } from "../../certificate_transfer/v1/index.ts";
import { pemBlocks } from "../../pem.ts";
import { meaningOf } from "../compare.ts";
import { type Adapter, bag, type ReadCase, type WriteCase } from "../types.ts";
import { argumentOf, listOf } from "./calls.ts";

export const certificateTransferAdapter: Adapter = {
  readme: "certificate_transfer/v1",
  sets: ["certificates", "chain"],
  sides: (one) =>
    isV0(one) ? { ...certificateTransfer.sides, ...certificateTransferV0.sides } : certificateTransfer.sides,
  // Raw PEM and PEM as quoted text mean the same.
  meaning: (_key, text) => meaningOf(text),
  publish: (one) => (one.role === "requirer" ? version(one) : isV0(one) ? unit(one) : sent(one)),
  understood: (one) => (one.role === "requirer" ? received(one) : wrote(one)),
};

function isV0(one: { lib: string }): boolean {
  return one.lib.startsWith("certificate_transfer-0");
}

function version(one: WriteCase) {
  if (one.given.hook === "broken") return undefined;
  return { app: isV0(one) ? { version: 0 } : VERSION_1 };
}

function unit(one: WriteCase) {
  if (one.given.call === "remove_certificate") return {};
  const call = argumentOf(one, "set_certificate") as
    | { certificate: string; ca: string; chain: string[] }
    | undefined;
  if (call === undefined) return undefined;
  const told = Object.fromEntries(
    Object.entries(call).filter(([key, value]) => key !== "relation_id" && value !== ""),
  );
  return { unit: told };
}

/** Merging is what the library does for its callers; ours is told the whole set. */
function sent(one: WriteCase) {
  const { call, remote_app } = one.given;
  if (call === undefined || call === null) return undefined;
  const known = new Set(before(one));
  for (const added of listOf(argumentOf(one, "add_certificates"))) known.add(added);
  known.delete(String(argumentOf(one, "remove_certificate")));
  if (call === "remove_all_certificates") known.clear();
  const { app, unit: fallback } = offer([...known], remote_app);
  return { ...(app === undefined ? {} : { app }), ...(fallback === undefined ? {} : { unit: fallback }) };
}

function before(one: WriteCase): string[] {
  const app = decode(certificateTransfer.sides.provider.app, bag(one.given.local_app_before));
  if (one.given.remote_app["version"] === "1") return app.state === "ready" ? app.data.certificates : [];
  const own = decode(certificateTransfer.sides.provider.unit, bag(one.given.local_unit_before));
  return own.state === "ready" ? (own.data.chain ?? []) : [];
}

function received(one: ReadCase) {
  const parsed = one.outcome.parsed as { certificates?: string[] } | null | undefined;
  const event = one.outcome.events?.find(({ event: name }) => name === "certificate_available")?.data;
  if (event !== undefined)
    return {
      ours: { certificates: ofUnits(one) },
      theirs: { certificates: pems([event["certificate"], event["ca"], event["chain"]]) },
    };
  if (parsed?.certificates === undefined) return undefined;
  const units = Object.values(one.remote_unit ?? {}).map((raw) =>
    decode(certificateTransfer.sides.provider.unit, raw),
  );
  const app = decode(certificateTransfer.sides.provider.app, bag(one.remote_app));
  return {
    ours: { certificates: certificates({ ...app, units }) },
    theirs: { certificates: pems(parsed.certificates) },
  };
}

function ofUnits(one: ReadCase): string[] {
  const read = Object.values(one.remote_unit ?? {}).map((raw) =>
    decode(certificateTransferV0.sides.provider.unit, raw),
  );
  return read.flatMap((unit) => (unit.state === "ready" ? certificatesOfUnit(unit.data) : []));
}

function pems(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(pems);
  return typeof value === "string" ? [...pemBlocks(value, "CERTIFICATE")] : [];
}

const ONE = "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----";

/** The recorded provider sends one certificate; which databag gets it is the negotiation. */
function wrote(one: ReadCase) {
  const parsed = one.outcome.parsed as { wrote_app: object; wrote_unit: object } | null | undefined;
  if (parsed === null || parsed === undefined) return undefined;
  const { app, unit: fallback } = offer([ONE], bag(one.remote_app));
  const theirs = { app: Object.keys(parsed.wrote_app).sort(), unit: Object.keys(parsed.wrote_unit).sort() };
  return { ours: { app: Object.keys(app ?? {}).sort(), unit: Object.keys(fallback ?? {}).sort() }, theirs };
}
