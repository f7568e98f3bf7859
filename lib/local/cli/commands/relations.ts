import { isIPv4, isIPv6 } from "node:net";
import type { Command } from "../command.ts";
import { failure, usage } from "../errors.ts";
import { isApplication } from "../names.ts";

function isCidr(text: string): boolean {
  const [address = "", bits = ""] = text.split("/");
  const limit = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1;
  return /^\d+$/.test(bits) && Number(bits) <= limit;
}

/** `web` or `web:db`; an offer's URL is for commands that the local model lacks. */
function checkEndpoint(text: string): void {
  if (/[./]/.test(text)) throw failure('the local model does not support "offer"');
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

export const commands: Readonly<Record<string, Command>> = {
  integrate: {
    purpose: "Integrate two applications.",
    usage: "<application>[:<endpoint>] <application>[:<endpoint>]",
    scope: "model",
    flags: { via: "names" },
    check({ args, flags, juju }) {
      const what = /^(3\.|4\.0\.)/.test(juju) ? "an integration" : "a relation";
      if (args.length !== 2) throw usage(`${what} must involve two applications`);
      const bad = flags.all("via").find((cidr) => !isCidr(cidr));
      if (bad !== undefined) throw usage(`invalid CIDR address: ${bad}`);
    },
    async run(o) {
      await o.call("integrate", { ...o.inModel, endpoints: pair(o.args) });
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
