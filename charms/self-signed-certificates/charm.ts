import { active, blocked, type Context } from "charmed-iap/charm";
import { decode } from "charmed-iap/interface";
import { offer } from "charmed-iap/interfaces/certificate_transfer/v1";
import {
  isIssuedBy,
  issue,
  NOTHING,
  outstanding,
  type ProviderData,
  prune,
  REQUEST_ERRORS,
  type Request,
  readRequest,
  refuse,
  requests,
  signRequest,
} from "charmed-iap/interfaces/tls-certificates/v1";
import { type Authorities, authorities, caCertificate } from "./authority.ts";
import { contract } from "./contract.ts";
import { invalidOptions, validityMs } from "./validity.ts";

type Ctx = Context<typeof contract.contract>;
type Client = Ctx["relations"]["certificates"]["all"][number];

/** What this application has said on a relation so far; nonsense counts as nothing. */
function saidBefore(relation: Client): ProviderData {
  const before = decode(contract.contract.provides.certificates.local.app, relation.published);
  return before.state === "ready" ? before.data : NOTHING;
}

const other = (message: string) => ({ code: REQUEST_ERRORS.other, name: "other", message });

async function sign(data: ProviderData, { csr, ca }: Request, authority: Authorities, { config, now }: Ctx) {
  if (!(await readRequest(csr)))
    return refuse(data, csr, other("the request cannot be read, or its signature does not hold"));
  const certificate = await signRequest({
    authority: { certificate: authority.certificate, privateKey: authority.privateKey.reveal() },
    csr,
    ca,
    notBefore: now() - 60_000,
    notAfter: now() + (validityMs(config["certificate-validity"]) ?? 0),
  });
  return issue(data, {
    csr,
    certificate,
    ca: authority.certificate,
    chain: [certificate, authority.certificate],
  });
}

/** Answers every request of one relation; what an older authority signed is signed anew. */
async function serve(relation: Client, authority: Authorities, ctx: Ctx): Promise<void> {
  const asked = requests(relation);
  const limit = ctx.config["certificate-limit"];
  let data = prune(saidBefore(relation), asked);
  data = {
    ...data,
    certificates: data.certificates.filter(({ certificate }) =>
      isIssuedBy(certificate, authority.certificate),
    ),
  };
  for (const request of outstanding(asked, data)) {
    if (limit >= 0 && data.certificates.length >= limit) {
      data = refuse(data, request.csr, other(`the limit of ${limit} certificates is reached`));
    } else data = await sign(data, request, authority, ctx);
  }
  if (data.certificates.length + data.request_errors.length > 0) relation.publish(data);
  else relation.withdraw();
}

async function reconcile(ctx: Ctx, anew = false) {
  const invalid = invalidOptions(ctx.config);
  if (invalid.length > 0) {
    const names = invalid.map((name) => `'${name}'`).join(", ");
    return blocked(`The following configuration values are not valid: [${names}]`);
  }
  if (!ctx.leader) return blocked("Scaling is not implemented for this charm");
  const authority = await authorities(ctx, { anew });
  if (!authority) return active();
  for (const relation of ctx.relations.certificates.all) await serve(relation, authority, ctx);
  for (const relation of ctx.relations["send-ca-cert"].all) {
    const { app, unit } = offer(authority.trusted, relation.raw);
    if (app) relation.publish(app);
    else relation.withdraw();
    if (unit) relation.publishUnit(unit);
    else relation.withdrawUnit();
  }
  return active();
}

export default contract.implement({
  /** Runs after every event: one authority, every request answered, every related application told. */
  reconcile: (ctx) => reconcile(ctx),

  actions: {
    async "get-ca-certificate"(ctx, _params, { fail }) {
      const certificate = await caCertificate(ctx);
      return certificate === undefined
        ? fail("Root Certificate is not yet generated")
        : { "ca-certificate": certificate };
    },
    "get-issued-certificates"({ relations }, _params, { fail }) {
      const issued = relations.certificates.all.flatMap((relation) => saidBefore(relation).certificates);
      if (issued.length === 0) return fail("No certificates issued yet.");
      return { certificates: issued.map((entry) => JSON.stringify(entry)) };
    },
    async "rotate-private-key"(ctx, _params, { fail }) {
      if (!ctx.leader) fail("This action can only be run on the leader unit.");
      if (invalidOptions(ctx.config).length > 0) {
        fail(
          "Private key rotation failed due to missing configuration. Please check your configuration and try again.",
        );
      }
      await reconcile(ctx, true);
      return { result: "New private key and CA certificate generated and stored." };
    },
  },
});
