import { action, defineCharm, option } from "charmed-iap/charm";
import { certificateTransfer } from "charmed-iap/interfaces/certificate_transfer/v1";
import { tlsCertificates } from "charmed-iap/interfaces/tls-certificates/v1";
import * as v from "valibot";

const part = (what: string) => option.string({ description: `${what} of the authority's certificate.` });

/** What the authority is. `charmcraft.yaml` is emitted from it. */
export const contract = defineCharm({
  name: "self-signed-certificates",
  title: "Self-signed certificates",
  summary: "A certificate authority of its own, for tests and tutorials.",
  description:
    "Signs the certificates that applications ask for, and hands out its CA certificate. The authority's key is a Juju secret.",
  config: {
    "ca-common-name": option.string({
      default: "self-signed-certificates-operator",
      description: "Common name of the authority's certificate.",
    }),
    "ca-organization": part("Organization"),
    "ca-organizational-unit": part("Organizational unit"),
    "ca-email-address": part("E-mail address"),
    "ca-country-name": part("Two-letter country code"),
    "ca-state-or-province-name": part("State or province"),
    "ca-locality-name": part("Locality"),
    "root-ca-validity": option.string({
      default: "365d",
      description:
        "Validity of the authority: a number with m, h, d or w; at least twice certificate-validity.",
    }),
    "certificate-validity": option.string({
      default: "90d",
      description: "Validity of certificates: a number with m, h, d or w.",
    }),
    "certificate-limit": option.int({
      default: 99,
      min: -1,
      description: "Most certificates for one related application; -1 for no limit.",
    }),
  },
  provides: {
    certificates: tlsCertificates.provider({
      optional: true,
      description: "Applications that need certificates.",
    }),
    "send-ca-cert": certificateTransfer.provider({
      optional: true,
      description: "Applications that must trust the authority.",
    }),
  },
  actions: {
    "get-ca-certificate": action({
      description: "Show the authority's certificate.",
      results: v.object({ "ca-certificate": v.pipe(v.string(), v.description("PEM.")) }),
    }),
    "get-issued-certificates": action({
      description: "Show the certificates that are in use.",
      results: v.object({
        certificates: v.pipe(
          v.array(v.string()),
          v.description("JSON list of JSON texts, one a certificate."),
        ),
      }),
    }),
    "rotate-private-key": action({
      description:
        "Make a new key and CA certificate, and sign everything anew. The old certificate stays trusted until the new ones are in use.",
      results: v.object({ result: v.string() }),
    }),
  },
  assumes: ["juju >= 3.1"],
});
