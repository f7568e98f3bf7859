import { crypto } from "./x509/crypto.ts";

/** Prefix of every label, the library's identifier on Charmhub; so an upgraded charm finds its secrets. */
export const LIBID = "afd8c2bccf834997afce12c2706d2ede";

/** Whose certificate it is. */
export type Mode =
  | { readonly mode: "app"; readonly endpoint: string }
  | {
      readonly mode: "unit";
      readonly endpoint: string;
      /** As Juju spells it: `app/0`. */
      readonly unit: string;
    };

/** Label of the secret that holds a private key as `private-key`. Older libraries: `olderKeyLabels`. */
export function keyLabel(owner: Mode): string {
  const who = owner.mode === "app" ? "app" : numberOf(owner.unit);
  return `${LIBID}-private-key-${who}-${owner.endpoint}`;
}

/** Labels that older libraries used for the same secret. */
export function olderKeyLabels(owner: Mode): string[] {
  return owner.mode === "app" ? [`${LIBID}-private-key-${owner.endpoint}`] : [];
}

/** Label of the unit's secret that holds a certificate as `certificate` and its request as `csr`. */
export function certificateLabel(owner: Mode, csr: string): string {
  const who = owner.mode === "app" ? "" : `${numberOf(owner.unit)}-`;
  return `${LIBID}-certificate-${who}${owner.endpoint}-${sha256(csr.trim())}`;
}

/** Content of the secret that holds a private key. */
export function keyContent(privateKey: string): { "private-key": string } {
  return { "private-key": privateKey };
}

/** The private key in a secret's content; `undefined` when the content is not what the interface says. */
export function keyIn(content: Readonly<Record<string, string>>): string | undefined {
  return Object.hasOwn(content, "private-key") ? content["private-key"] : undefined;
}

function numberOf(unit: string): string {
  return unit.slice(unit.indexOf("/") + 1);
}

function sha256(text: string): string {
  return crypto().createHash("sha256").update(text).digest("hex");
}
