import type { Checked, Command, Invocation } from "../command.ts";
import { failure, noMoreThan, usage } from "../errors.ts";
import { isApplication } from "../names.ts";
import { readOfferUrl } from "../offer-url.ts";

interface Offering {
  readonly model?: string;
  readonly application: string;
  readonly endpoints: string;
}

/** `[model.]application:endpoint[,endpoint]`. */
function offering(text: string): Offering {
  const [, model, application, endpoints] = /^(?:([^.:]+)\.)?([^.:]+):([^:]+)$/.exec(text) ?? [];
  if (application === undefined || endpoints === undefined) {
    throw failure('endpoints must conform to format "<application-name>:<endpoint-name>[,...]" ');
  }
  if (!isApplication(application)) throw failure(`application name "${application}" not valid`);
  return { application, endpoints, ...(model === undefined ? {} : { model: model.replace(/^admin\//, "") }) };
}

async function offer(o: Invocation): Promise<void> {
  const [text = "", name] = o.args;
  const { application, endpoints, ...inModel } = offering(text);
  const { url } = await o.call("offer", {
    ...inModel,
    endpoints: `${application}:${endpoints}`,
    ...(name === undefined ? {} : { name }),
  });
  const shown = endpoints.split(",").join(", ");
  o.info(`Application "${application}" endpoints [${shown}] available at "${url}"\n`);
}

/** Offers that are named by their URL, or in the current model by their name alone. */
async function removeOffers(o: Invocation): Promise<void> {
  const { current } = await o.call("models", {});
  const urls = o.args.map((text) => readOfferUrl(text, o.juju, current ?? undefined));
  const force = o.flags.on("force");
  if (force && !o.flags.on("y") && !o.flags.on("yes")) await confirm(o, urls);
  for (const { model, offer: name } of urls) await o.call("removeOffer", { model, name, force });
}

async function confirm(
  o: Invocation,
  urls: readonly { readonly model: string; readonly offer: string }[],
): Promise<void> {
  const shown = urls.map(({ model, offer: name }) => `admin/${model}.${name}`).join(", ");
  o.err(
    `WARNING! This command will remove offers: ${shown}\nThis includes all relations to those offers.\n\nContinue [y/N]? `,
  );
  const answer = (await o.input()).split("\n")[0]?.trim().toLowerCase();
  if (answer !== "y" && answer !== "yes") throw failure("offer removal: aborted");
}

function checkConsume({ args }: Checked): void {
  if (args.length === 0) throw usage("no remote offer specified");
  noMoreThan(args, 2);
}

export const commands: Readonly<Record<string, Command>> = {
  offer: {
    purpose: "Offer endpoints of an application to other models.",
    usage: "[<model>.]<application>:<endpoint>[,...] [<offer>]",
    scope: "controller",
    check({ args }) {
      if (args.length === 0) throw usage("an offer must at least specify application endpoint");
      offering(args[0] ?? "");
      noMoreThan(args, 2);
    },
    run: offer,
  },
  "remove-offer": {
    purpose: "Offer no more what is offered.",
    usage: "<offer URL> ...",
    scope: "controller",
    flags: { force: "bool", y: "bool", yes: "bool" },
    check({ args }) {
      if (args.length === 0) throw usage("no offers specified");
    },
    run: removeOffers,
  },
  consume: {
    purpose: "Make an offer of another model an application of this one.",
    usage: "<offer URL> [<name>]",
    scope: "model",
    check: checkConsume,
    async run(o) {
      const [text = "", alias] = o.args;
      const { model: from, offer: offered, endpoint } = readOfferUrl(text, o.juju);
      if (endpoint !== undefined) throw failure(`saas offer "${text}" shouldn't include endpoint`);
      const { name, url } = await o.call("consume", {
        ...o.inModel,
        from,
        offer: offered,
        ...(alias === undefined ? {} : { alias }),
      });
      o.info(`Added ${url} as ${name}\n`);
    },
  },
  "remove-saas": {
    purpose: "Consume an offer no more.",
    usage: "<name> ...",
    scope: "model",
    check({ args }) {
      if (args.length === 0) throw usage("no saas application names specified");
      const bad = args.find((name) => !isApplication(name));
      if (bad !== undefined) throw usage(`invalid saas application name "${bad}"`);
    },
    async run(o) {
      for (const name of o.args) await o.call("removeSaas", { ...o.inModel, name });
    },
  },
};
