/**
 * The `certificate_transfer` relation: one charm hands public certificates, mostly of authorities, to another that
 * must trust them. No private keys.
 *
 * On the wire, version 1: JSON text in the provider's application databag. The requirer states its version and the
 * provider adapts; version 0 lives in the provider's unit databags, is read here and written for older requirers.
 *
 * Source: canonical/charmlibs: interfaces/certificate_transfer;
 * canonical/certificate-transfer-interface: lib/charms/certificate_transfer_interface/v1
 *
 * @module
 */

import { defineInterface, type In, type Out, type RawDatabag } from "charmed-iap/interface";
import { caBundle, pemBlocks } from "../../pem.ts";
import {
  certificatesOfUnit,
  type UnitCertificates,
  type UnitCertificatesData,
  unitCertificates,
} from "../v0/index.ts";
import { providerUnit } from "../v0/schema.ts";
import { providerApp, requirerApp } from "./schema.ts";

export { caBundle };

/** `certificate_transfer`, version 1 with version 0. The provider has certificates, the requirer trusts them. */
export const certificateTransfer = defineInterface({
  name: "certificate_transfer",
  version: 1,
  provider: { app: providerApp, unit: providerUnit },
  requirer: requirerApp,
});

/** What a provider publishes. */
export type Certificates = In<typeof providerApp.schema>;
/** What a requirer reads. */
export type CertificatesData = Out<typeof providerApp.schema>;

/** What every requirer publishes, whatever is there already: an upgraded one announces itself again. */
export const VERSION_1: In<typeof requirerApp.schema> = { version: 1 };

/** What one provider says: its application databag, and its units' databags where it speaks version 0. */
export interface Sender {
  readonly state: "missing" | "pending" | "invalid" | "ready";
  readonly data?: CertificatesData;
  readonly units?: Iterable<{ readonly state: string; readonly data?: UnitCertificatesData }>;
}

/**
 * Every certificate that a provider sends, in canonical PEM, sorted, each once. The application databag wins, also
 * when it says "none"; without one the databags of all units count. Texts that are no certificates are left out.
 */
export function certificates(sender: Sender): string[] {
  const texts =
    sender.state === "ready" && sender.data !== undefined
      ? sender.data.certificates.flatMap((text) => pemBlocks(text, "CERTIFICATE"))
      : [...(sender.units ?? [])].flatMap(({ data }) => (data === undefined ? [] : certificatesOfUnit(data)));
  return [...new Set(texts)].sort();
}

/** Whether a requirer asks for version 1: the text is `1`, without quotes or blanks, as upstream compares. */
export function speaksV1(requirer: RawDatabag): boolean {
  return requirer["version"] === "1";
}

/** What to publish where; `undefined` means that the databag is to be withdrawn. */
export interface Offer {
  readonly app: Certificates | undefined;
  readonly unit: UnitCertificates | undefined;
}

/**
 * What a provider publishes to one requirer: version 1 in the application databag, or version 0 in the unit's.
 * The other databag is withdrawn, so that nothing stale stays behind when a requirer changes its version.
 *
 * @param certificates PEM, in any order; the first is the one that version 0 knows as `ca`.
 * @param requirer The requirer's application databag, as it is.
 */
export function offer(certificates: readonly string[], requirer: RawDatabag): Offer {
  return speaksV1(requirer)
    ? { app: { certificates: [...certificates], version: 1 }, unit: undefined }
    : { app: undefined, unit: unitCertificates(certificates) };
}
