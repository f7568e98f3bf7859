import { isIPv4, isIPv6 } from "node:net";
import type { Command, Invocation } from "../command.ts";
import { failure, usage } from "../errors.ts";
import { isApplication } from "../names.ts";
import { isOfferUrl, readOfferUrl } from "../offer-url.ts";

function isCidr(text: string): boolean {
  const [address = "", bits = ""] = text.split("/");
  const limit = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1;
  return /^\d+$/.test(bits) && Number(bits) <= limit;
}

/** Checks `web` or `web:db`. */
function checkEndpoint(text: string): void {
  const [app = "", endpoint, more] = text.split(":");
  if (endpoint === "" || more !== undefined) throw failure(`endpoint "${text}" not valid`);
  if (!isApplication(app)) throw failure(`application name "${app}" not valid`);
}

function pair(args: readonly string[]): [string, string] {
  const [one = "", other = ""] = args;
  checkEndpoint(one);
  checkEndpoint(other);
  return [one, other];
}

/** Two applications, of which one may be an offer of another model: that is consumed under the offer's name. */
async function withConsumed(o: Invocation): Promise<[string, string]> {
  const [one = "", other = ""] = o.args;
  const [url, local] = isOfferUrl(other) ? [other, one] : [one, other];
  if (!isOfferUrl(url)) return pair(o.args);
  checkEndpoint(local);
  const { model: from, offer, endpoint } = readOfferUrl(url, o.juju);
  const { name } = await o.call("consume", { ...o.inModel, from, offer });
  return [local, endpoint === undefined ? name : `${name}:${endpoint}`];
}

export const commands: Readonly<Record<string, Command>> = {
  integrate: {
    purpose: "Integrate two applications.",
    usage: "<application>[:<endpoint>] <application>[:<endpoint>] | <offer URL>[:<endpoint>]",
    scope: "model",
    flags: { via: "names" },
    check({ args, flags, juju }) {
      const what = /^(3\.|4\.0\.)/.test(juju) ? "an integration" : "a relation";
      if (args.length !== 2) throw usage(`${what} must involve two applications`);
      const bad = flags.all("via").find((cidr) => !isCidr(cidr));
      if (bad !== undefined) throw usage(`invalid CIDR address: ${bad}`);
    },
    async run(o) {
      await o.call("integrate", { ...o.inModel, endpoints: await withConsumed(o) });
    },
  },
  "remove-relation": {
    purpose: "Remove the relation between two applications.",
    usage: "<application>[:<endpoint>] <application>[:<endpoint>] | <relation-id>",
    scope: "model",
    flags: { force: "bool" },
    check({ args }) {
      if (args.length === 1 && !/^\d+$/.test(args[0] ?? ""))
        throw usage(`relation ID "${args[0]}" not valid`);
      if (args.length !== 1 && args.length !== 2) throw usage("a relation must involve two applications");
    },
    async run(o) {
      const what = o.args.length === 1 ? { id: Number(o.args[0]) } : { endpoints: pair(o.args) };
      await o.call("removeRelation", { ...o.inModel, ...what });
    },
  },
};
