import { hash } from "node:crypto";
import type { Container, Context, Sensitive } from "charmed-iap/charm";
import {
  answerTo,
  createRequest,
  generateKey,
  keyLabel,
  matchesKey,
  readCertificate,
  renewalTime,
  requestsFor,
} from "charmed-iap/interfaces/tls-certificates/v1";
import type { contract } from "./contract.ts";
import { type Certificate, chainPath } from "./workload.ts";

type Ctx = Context<typeof contract.contract>;

/** Where the gateway's certificate is. */
export type Tls =
  | { readonly state: "off" }
  | { readonly state: "waiting"; readonly denied?: string }
  | { readonly state: "ready"; readonly certificate: Certificate };

const LABEL = keyLabel({ mode: "app", endpoint: "certificates" });

interface Material {
  readonly key: Sensitive<string>;
  readonly csr: string;
}

/** Tells for which host a request was made; the name itself would be masked in logs as part of a secret. */
const purposeOf = (host: string): string => hash("sha256", host);

const isIp = (host: string): boolean => /^[\d.]+$|^\[/.test(host);

async function newRequest(privateKey: string, host: string, uniqueId?: string): Promise<string> {
  const bare = host.replace(/^\[|\]$/g, "");
  return createRequest({
    privateKey,
    commonName: bare.slice(0, 64),
    ...(isIp(host) ? { ipAddresses: [bare] } : { dnsNames: [bare, `*.${bare}`] }),
    ...(uniqueId === undefined ? {} : { uniqueId }),
  });
}

/**
 * The key and the request for this host, kept together in a secret of the application, so that every unit has
 * them and a hook parses nothing. The leader makes them; another host is another request with the same key.
 */
async function material({ secrets, leader }: Ctx, host: string): Promise<Material | undefined> {
  const kept = (await secrets.byLabel(LABEL))?.content;
  const { "private-key": key, csr, purpose } = kept ?? {};
  if (key && csr && purpose?.reveal() === purposeOf(host)) return { key, csr: csr.reveal() };
  if (!leader) return undefined;
  const privateKey = key?.reveal() ?? (await generateKey("ec-p256"));
  const request = await newRequest(privateKey, host);
  const saved = await secrets.set(LABEL, {
    "private-key": privateKey,
    csr: request,
    purpose: purposeOf(host),
  });
  const savedKey = saved?.content["private-key"];
  return savedKey && { key: savedKey, csr: request };
}

/** The chain in the container, while it fits the key and has not ended: what is served until a new one comes. */
async function served(
  container: Container,
  key: Sensitive<string>,
  now: number,
): Promise<readonly string[] | undefined> {
  const text = (await container.canConnect()) ? await container.pull(chainPath) : undefined;
  const chain = text?.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g);
  const leaf = chain?.[0];
  if (!leaf || !matchesKey(leaf, { privateKey: key.reveal() })) return undefined;
  return (readCertificate(leaf)?.notAfter ?? 0) > now ? chain : undefined;
}

/**
 * Asks for the gateway's certificate and says where it is. A certificate that is being renewed, or was revoked and
 * not replaced yet, is served until it ends.
 *
 * @param host Host name or address, without a port; absent while there is none.
 */
export async function gatewayTls(ctx: Ctx, host: string | undefined): Promise<Tls> {
  const { containers, leader, now, relations, secrets } = ctx;
  const { certificates } = relations;
  if (certificates.state === "missing") return { state: "off" };
  if (host === undefined) return { state: "waiting" };
  const current = await material(ctx, host);
  if (current === undefined) return { state: "waiting" };
  let { csr } = current;
  const data = certificates.state === "ready" ? certificates.data : undefined;
  const answer = answerTo(csr, data);
  const fits =
    answer.state === "issued" && matchesKey(answer.certificate, { privateKey: current.key.reveal() });
  const facts = fits ? readCertificate(answer.certificate) : undefined;
  if (leader && facts && renewalTime(facts) <= now()) {
    csr = await newRequest(current.key.reveal(), host, `${now()}`);
    await secrets.set(LABEL, { "private-key": current.key, csr, purpose: purposeOf(host) });
  }
  certificates.publish(requestsFor([{ csr, ca: false }]));
  const chain =
    facts && answer.state === "issued" ? answer.chain : await served(containers.traefik, current.key, now());
  if (chain) return { state: "ready", certificate: { chain, key: current.key } };
  return { state: "waiting", ...(answer.state === "denied" ? { denied: answer.error.message } : {}) };
}
