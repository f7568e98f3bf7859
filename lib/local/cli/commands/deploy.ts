import { charmOf, configOf, isAmbiguous, resourceFlag, resourcesOf } from "../charm-params.ts";
import type { Checked, Command, Invocation } from "../command.ts";
import { failure, noMoreThan, usage } from "../errors.ts";
import type { FlagTable } from "../flags.ts";
import { isApplication } from "../names.ts";

const constraints =
  "allocate-public-ip arch container cores cpu-cores cpu-power image-id instance-role instance-type mem root-disk root-disk-source spaces tags virt-type zones".split(
    " ",
  );

const flags: FlagTable = {
  "attach-storage": "names",
  base: "text",
  bind: "text",
  channel: "text",
  config: "texts",
  constraints: "texts",
  device: "texts",
  "dry-run": "bool",
  force: "bool",
  "map-machines": "text",
  "num-units": "int",
  overlay: "texts",
  resource: resourceFlag,
  revision: "int",
  storage: "texts",
  to: "names",
  trust: "bool",
};

function checkName(name: string): void {
  if (isApplication(name)) return;
  const upper = /[A-Z]/.test(name) ? ", unexpected uppercase character" : "";
  throw usage(`invalid application name "${name}"${upper}`);
}

function check({ args, flags: given, juju }: Checked): void {
  if (args.length === 0) throw usage("no charm or bundle specified");
  if (args[1] !== undefined) checkName(args[1]);
  noMoreThan(args, 2);
  const storage = given.all("storage").find((text) => !/^[^=]+=/.test(text));
  if (storage !== undefined) {
    const what = juju.startsWith("3.") ? "constraints" : "directive";
    throw usage(
      `invalid value "${storage}" for option --storage: expected [<application>:]<store>=<${what}>`,
    );
  }
  const units = given.number("num-units");
  if (given.has("attach-storage") && (units ?? 1) > 1) throw usage("--attach-storage cannot be used with -n");
  if (units !== undefined && units < 1) throw usage("--num-units must be a positive integer");
  const channel = given.text("channel");
  if (channel !== undefined && channel.split("/").length > 3) {
    throw usage(`error in --channel: channel is malformed and has too many components "${channel}"`);
  }
  if (given.has("to")) throw usage("--to cannot be used on k8s models");
  const unknown = given
    .all("constraints")
    .flatMap((text) => text.split(/\s+/))
    .map((pair) => pair.split("=")[0] ?? "");
  const bad = unknown.find((name) => name !== "" && !constraints.includes(name));
  if (bad !== undefined) throw failure(`unknown constraint "${bad}"`);
  const base = given.text("base");
  if (base !== undefined && !base.includes("@")) {
    throw failure("expected base string to contain os and channel separated by '@'");
  }
}

function optional(name: string, value: unknown): Record<string, unknown> {
  return value === undefined ? {} : { [name]: value };
}

async function deploy(o: Invocation): Promise<void> {
  const [text = "", application] = o.args;
  if (isAmbiguous(text, o.cwd)) {
    const kind = "charm or bundle";
    throw failure(
      `The ${kind} "${text}" is ambiguous.\nTo deploy a local ${kind}, run \`juju deploy ./${text}\`.\nTo deploy a ${kind} from CharmHub, run \`juju deploy ch:${text}\`.`,
    );
  }
  for (const name of ["overlay", "map-machines"]) {
    if (o.flags.has(name))
      throw failure(`options provided but not supported when deploying a charm: --${name}`);
  }
  const charm = charmOf(text, o.cwd);
  const done = await o.call("deploy", {
    ...o.inModel,
    charm,
    ...optional("application", application),
    ...optional("units", o.flags.number("num-units")),
    ...optional("channel", o.flags.text("channel")),
    ...optional("revision", o.flags.number("revision")),
    ...optional("base", o.flags.text("base")),
    config: await configOf(o, application ?? charm),
    resources: resourcesOf(o),
    trust: o.flags.on("trust"),
  });
  const base = done.base.includes("/") ? done.base : `${done.base}/stable`;
  if (done.origin === "local") {
    const what = `local charm "${done.charm}", revision ${done.revision}`;
    o.info(`Located ${what}\nDeploying "${done.application}" from ${what} on ${base}\n`);
  } else {
    o.info(
      `Deployed "${done.application}" from charm-hub charm "${done.charm}", revision ${done.revision} in channel ${done.channel} on ${base}\n`,
    );
  }
}

export const commands: Readonly<Record<string, Command>> = {
  deploy: {
    purpose: "Deploy a charm: by its name in this checkout, a folder, or a .charm file.",
    usage: "<charm or path> [<application>]",
    scope: "model",
    aliases: { n: "num-units" },
    flags,
    flagsOf3: { series: "text" },
    check,
    run: deploy,
  },
};
