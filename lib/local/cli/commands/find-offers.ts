import type { OfferReport } from "../../api-offers.ts";
import { sinceText, table } from "../../status/index.ts";
import type { Command, Invocation } from "../command.ts";
import { failure, noMoreThan, usage } from "../errors.ts";
import { readOfferUrl } from "../offer-url.ts";
import { emit, formatted, record } from "../print.ts";

/** The local controller's, and its one user's. */
const STORE = "local";
const USERS = new Map([["admin", record({ "display-name": "admin", access: "admin" })]]);

const endpointsOf = ({ endpoints }: OfferReport) =>
  new Map(Object.entries(endpoints).map(([name, end]) => [name, record({ ...end })]));

function offerFields(offer: OfferReport) {
  return record({
    application: offer.application,
    store: STORE,
    charm: offer.charm,
    "offer-url": offer.url,
    endpoints: endpointsOf(offer),
    connections:
      offer.connections.length === 0
        ? undefined
        : offer.connections.map(({ since, status, ...one }) =>
            record({
              "source-model-uuid": one["source-model-uuid"],
              username: "admin",
              "relation-id": one["relation-id"],
              endpoint: one.endpoint,
              status: record({ current: status, since: sinceText(new Date(since).toISOString(), false) }),
              "ingress-subnets": one["ingress-subnets"].length === 0 ? undefined : one["ingress-subnets"],
            }),
          ),
    users: USERS,
  });
}

/** One row for each connection, and one for an offer that nobody uses. */
function rowsOf(offer: OfferReport): string[][] {
  if (offer.connections.length === 0) return [[offer.name, "-"]];
  return offer.connections.map((one) => {
    const { interface: spoken = "", role = "" } = offer.endpoints[one.endpoint] ?? {};
    const subnets = one["ingress-subnets"].join(",");
    return [offer.name, "admin", String(one["relation-id"]), one.status, one.endpoint, spoken, role, subnets];
  });
}

function summaryOf(offers: readonly OfferReport[]): string {
  const head = [
    "Offer",
    "Application",
    "Charm",
    "Connected",
    "Store",
    "URL",
    "Endpoint",
    "Interface",
    "Role",
  ];
  const rows = offers.flatMap((offer) =>
    Object.entries(offer.endpoints).map(([endpoint, { interface: spoken, role }], index) => {
      const count = String(offer.connections.length);
      const first = [offer.name, offer.application, offer.charm, count, STORE, offer.url];
      return [...(index === 0 ? first : first.map(() => "")), endpoint, spoken, role];
    }),
  );
  return table([head, ...rows]);
}

async function offers(o: Invocation): Promise<void> {
  const [name] = o.args;
  const all = await o.call("offers", o.inModel);
  const spoken = o.flags.text("interface");
  const application = o.flags.text("application");
  const found = all
    .filter((offer) => name === undefined || offer.name === name)
    .filter((offer) => application === undefined || offer.application === application)
    .filter((offer) => spoken === undefined || speaks(offer, spoken))
    .filter((offer) => !o.flags.on("active-only") || offer.connections.length > 0)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const format = o.flags.text("format") ?? "tabular";
  if (format === "yaml" || format === "json") {
    return emit(o, formatted(new Map(found.map((offer) => [offer.name, offerFields(offer)])), format));
  }
  if (format === "summary") return emit(o, summaryOf(found));
  const head = ["Offer", "User", "Relation ID", "Status", "Endpoint", "Interface", "Role", "Ingress subnets"];
  await emit(o, table([head, ...found.flatMap(rowsOf)]));
}

const speaks = ({ endpoints }: OfferReport, spoken: string): boolean =>
  Object.values(endpoints).some((end) => end.interface === spoken);

/** What `find-offers` was told to look for. */
function wanted(o: Invocation): (offer: OfferReport) => boolean {
  const spoken = o.flags.text("interface");
  const named = o.flags.text("offer");
  const url = (o.args[0] ?? o.flags.text("url") ?? "").replace(/^local:/, "").replace(/^admin\//, "");
  const [model = "", offer] = url.split(".");
  return (one) =>
    (spoken === undefined || speaks(one, spoken)) &&
    (named === undefined || one.name.includes(named)) &&
    (model === "" || one.url.startsWith(`admin/${model}.`)) &&
    (offer === undefined || one.name === offer);
}

async function find(o: Invocation): Promise<void> {
  const all = await o.call("offers", { all: true });
  const found = all.filter(wanted(o)).sort((a, b) => (a.url < b.url ? -1 : 1));
  if (found.length === 0) throw failure("no matching application offers found");
  const format = o.flags.text("format") ?? "tabular";
  if (format !== "tabular") {
    const fields = found.map((offer) => {
      const said = { access: "admin", endpoints: endpointsOf(offer), users: USERS };
      return [`${STORE}:${offer.url}`, record(said)] as const;
    });
    return emit(o, formatted(new Map(fields), format));
  }
  const rows = found.map((offer) => {
    const ends = Object.entries(offer.endpoints).map(([name, end]) => `${end.interface}:${name}`);
    return [STORE, offer.url, "admin", ends.sort().join(", ")];
  });
  await emit(o, table([["Store", "URL", "Access", "Interfaces"], ...rows]));
}

async function show(o: Invocation): Promise<void> {
  const { current } = await o.call("models", {});
  const { model, offer: name } = readOfferUrl(o.args[0] ?? "", o.juju, current ?? undefined);
  const url = `admin/${model}.${name}`;
  const found = (await o.call("offers", { all: true })).find((one) => one.url === url);
  if (!found) throw failure(`application offer "${url}" not found`);
  const { description, endpoints } = found;
  const format = o.flags.text("format") ?? "tabular";
  if (format !== "tabular") {
    const said = { description, access: "admin", endpoints: endpointsOf(found), users: USERS };
    return emit(o, formatted(new Map([[`${STORE}:${url}`, record(said)]]), format));
  }
  const head = ["Store", "URL", "Access", "Description", "Endpoint", "Interface", "Role"];
  const rows = Object.entries(endpoints).map(([end, { interface: spoken, role }], index) =>
    index === 0
      ? [STORE, url, "admin", description.split("\n")[0] ?? "", end, spoken, role]
      : ["", "", "", "", end, spoken, role],
  );
  await emit(o, table([head, ...rows]));
}

export const commands: Readonly<Record<string, Command>> = {
  offers: {
    purpose: "List what the model offers, and to whom.",
    usage: "[<offer>]",
    scope: "model",
    formats: ["tabular", "json", "yaml", "summary"],
    flags: { interface: "text", application: "text", "active-only": "bool" },
    check: ({ args }) => noMoreThan(args, 1),
    run: offers,
  },
  "find-offers": {
    purpose: "Find offers of all models.",
    usage: "[<model URL>]",
    scope: "controller",
    formats: ["tabular", "json", "yaml"],
    flags: { interface: "text", offer: "text", url: "text" },
    check: ({ args }) => noMoreThan(args, 1),
    run: find,
  },
  "show-offer": {
    purpose: "Show one offer.",
    usage: "<offer URL>",
    scope: "controller",
    formats: ["tabular", "json", "yaml"],
    check({ args }) {
      if (args.length === 0) throw usage("must specify endpoint URL");
      noMoreThan(args, 1);
    },
    run: show,
  },
};
