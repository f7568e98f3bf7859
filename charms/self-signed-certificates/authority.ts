import type { Context, Sensitive } from "charmed-iap/charm";
import {
  createAuthority,
  generateKey,
  readCertificate,
  type Subject,
} from "charmed-iap/interfaces/tls-certificates/v1";
import type { contract } from "./contract.ts";
import { validityMs } from "./validity.ts";

type Ctx = Context<typeof contract.contract>;

/** The authority that signs, and the one before it while its certificates are in use. */
export interface Authorities {
  readonly certificate: string;
  readonly privateKey: Sensitive<string>;
  /** PEM, the active one first. */
  readonly trusted: readonly string[];
  /** Made in this hook: everything must be signed anew. */
  readonly fresh: boolean;
}

const ACTIVE = "active-ca-certificates";
const EXPIRING = "expiring-ca-certificates";

function subjectOf(config: Ctx["config"]): Subject {
  const attributes = {
    organization: config["ca-organization"],
    organizationalUnit: config["ca-organizational-unit"],
    email: config["ca-email-address"],
    country: config["ca-country-name"],
    state: config["ca-state-or-province-name"],
    locality: config["ca-locality-name"],
  };
  const given = Object.entries(attributes).filter(([, value]) => value !== undefined && value !== "");
  return { commonName: config["ca-common-name"], ...Object.fromEntries(given) };
}

/** What the authority was made for; another text is another authority. */
const purposeOf = (config: Ctx["config"]): string =>
  JSON.stringify([subjectOf(config), config["root-ca-validity"]]);

/** Whether the authority still outlives what it signs. */
function lives(certificate: string, { config, now }: Ctx): boolean {
  const ends = readCertificate(certificate)?.notAfter ?? 0;
  return ends - now() > (validityMs(config["certificate-validity"]) ?? 0);
}

async function make({ config, now, secrets }: Ctx): Promise<Authorities | undefined> {
  const before = await secrets.byLabel(ACTIVE);
  const privateKey = await generateKey("ec-p256");
  const notBefore = now() - 60_000;
  const notAfter = now() + (validityMs(config["root-ca-validity"]) ?? 0);
  const certificate = await createAuthority({ ...subjectOf(config), privateKey, notBefore, notAfter });
  const old = before?.content["ca-certificate"];
  if (old) await secrets.set(EXPIRING, { "ca-certificate": old });
  const purpose = purposeOf(config);
  const saved = await secrets.set(ACTIVE, {
    "private-key": privateKey,
    "ca-certificate": certificate,
    purpose,
  });
  const key = saved?.content["private-key"];
  return (
    key && {
      certificate,
      privateKey: key,
      trusted: [certificate, ...(old ? [old.reveal()] : [])],
      fresh: true,
    }
  );
}

/**
 * The authority, made when there is none, when the options ask for another, or when it would not outlive what it
 * signs. The one before stays trusted until it ends. For the leader.
 */
export async function authorities(
  ctx: Ctx,
  options: { readonly anew?: boolean } = {},
): Promise<Authorities | undefined> {
  const active = await ctx.secrets.byLabel(ACTIVE);
  const { "ca-certificate": certificate, "private-key": privateKey, purpose } = active?.content ?? {};
  if (!certificate || !privateKey || options.anew) return make(ctx);
  // Authorities of the published charm have no purpose; they stay until the options change.
  const asWanted = purpose === undefined || purpose.reveal() === purposeOf(ctx.config);
  if (!asWanted || !lives(certificate.reveal(), ctx)) return make(ctx);
  const old = (await ctx.secrets.byLabel(EXPIRING))?.content["ca-certificate"]?.reveal();
  const oldEnds = old === undefined ? 0 : (readCertificate(old)?.notAfter ?? 0);
  return {
    certificate: certificate.reveal(),
    privateKey,
    trusted: [certificate.reveal(), ...(old !== undefined && oldEnds > ctx.now() ? [old] : [])],
    fresh: false,
  };
}

/** The authority's certificate, for whoever may read the secret. */
export async function caCertificate({ secrets }: Ctx): Promise<string | undefined> {
  return (await secrets.byLabel(ACTIVE))?.content["ca-certificate"]?.reveal();
}
