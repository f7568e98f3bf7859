import type { WorldNetwork } from "../../world.ts";
import { type Args, type Call, type Command, Output, type Prepared } from "../command.ts";
import { OperationError, RefusedRequest } from "../errors.ts";
import { boolFlag, UsageError } from "../flags.ts";
import { quote } from "../go/text.ts";
import { type Field, type GoValue, StringList, Struct } from "../go/value.ts";
import { RelationOption } from "./relation-option.ts";

type Part = "bind" | "ingress" | "egress" | "primary";

class NetworkGet implements Prepared {
  readonly #call: Call;
  readonly #output: Output;
  readonly #relation: RelationOption;
  readonly #asked = { bind: false, ingress: false, egress: false, primary: false };
  #binding = "";

  constructor(call: Call) {
    this.#call = call;
    this.#output = new Output(call);
    this.#relation = new RelationOption(call);
  }

  get flags(): Prepared["flags"] {
    const flag = (part: Part) =>
      boolFlag((value) => {
        this.#asked[part] = value;
      });
    return [
      this.#output,
      this.#relation,
      ["bind-address", flag("bind")],
      ["ingress-address", flag("ingress")],
      ["egress-subnets", flag("egress")],
      ["primary-address", flag("primary")],
    ];
  }

  init(args: Args): void {
    if (args.length === 0) throw new UsageError("no arguments specified");
    this.#binding = args.next() ?? "";
    if (this.#binding === "") throw new UsageError("no binding name specified");
    args.end();
  }

  run(): void {
    const network = this.#network();
    const { bind, ingress, egress, primary } = this.#asked;
    if (primary && (bind || ingress || egress)) {
      throw new OperationError("--primary-address must be the only flag specified");
    }
    if (primary) this.#output.write(this.#firstAddress(network, "primary"));
    else if (bind || ingress || egress) this.#writeParts(network);
    else this.#output.write(whole(network));
  }

  get #isFour(): boolean {
    return this.#call.state.version.major >= 4;
  }

  #network(): WorldNetwork {
    const answer = this.#call.state.controller.network(this.#binding);
    if ("error" in answer && this.#isFour) throw new OperationError(answer.error);
    const network = "error" in answer ? {} : answer.network;
    const parts = [network["bind-addresses"], this.#isFour ? network["ingress-addresses"] : undefined];
    if (parts.every((list) => (list ?? []).length === 0)) {
      throw new OperationError(`no network config found for binding ${quote(this.#binding)}`);
    }
    return network;
  }

  #writeParts(network: WorldNetwork): void {
    const values = new Map<string, GoValue>();
    if (this.#asked.egress) {
      const subnets = network["egress-subnets"];
      values.set("egress-subnets", new StringList(subnets ?? [], subnets === undefined));
    }
    if (this.#asked.ingress) {
      const [address] = network["ingress-addresses"] ?? [];
      values.set("ingress-address", address ?? this.#firstAddress(network, "ingress"));
    }
    if (this.#asked.bind) values.set("bind-address", this.#firstAddress(network, "bind"));
    const [only] = values.values();
    this.#output.write(values.size === 1 ? (only ?? null) : values);
  }

  #firstAddress(network: WorldNetwork, wanted: "primary" | "ingress" | "bind"): string {
    const address = network["bind-addresses"]?.[0]?.addresses[0];
    if (address !== undefined) return address.value;
    if (this.#isFour) {
      const what = `no ${wanted} address attached to space for binding`;
      throw new OperationError(`${what} ${quote(this.#binding)}`);
    }
    // Juju 3.6 reads past the end of the list here, and the whole agent ends.
    if (wanted === "bind") throw new RefusedRequest("unexpected EOF");
    throw new OperationError(`no addresses attached to space for binding ${quote(this.#binding)}`);
  }
}

type Bind = NonNullable<WorldNetwork["bind-addresses"]>[number];

/** All there is; YAML repeats some fields under their older names. */
function whole(network: WorldNetwork): Struct {
  const binds = network["bind-addresses"] ?? [];
  const bindAddresses: readonly GoValue[] = binds.map(bindFields);
  const lists = ["egress-subnets", "ingress-addresses"] as const;
  const rest = lists
    .map((name): Field => [name, new StringList(network[name] ?? [])])
    .filter(([, list]) => list instanceof StringList && list.items.length > 0);
  return new Struct([...(binds.length === 0 ? [] : [["bind-addresses", bindAddresses] as const]), ...rest]);
}

function bindFields(bind: Bind): Struct {
  const json: Field[] = [
    ["mac-address", bind["mac-address"]],
    ["interface-name", bind["interface-name"]],
    ["addresses", bind.addresses.map(addressFields)],
  ];
  return new Struct(
    [...json, ["macaddress", bind["mac-address"]], ["interfacename", bind["interface-name"]]],
    json,
  );
}

function addressFields(address: Bind["addresses"][number]): Struct {
  const json: Field[] = [
    ["hostname", address.hostname],
    ["value", address.value],
    ["cidr", address.cidr],
  ];
  return new Struct([...json, ["address", address.value]], json);
}

export const networkGet: Command = {
  name: "network-get",
  args: "[options] <binding>",
  purpose: "Prints the addresses of a binding.",
  prepare: (call) => new NetworkGet(call),
};
