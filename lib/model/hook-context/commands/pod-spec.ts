import { parse } from "yaml";
import { type Call, type Command, Output } from "../command.ts";
import { OperationError } from "../errors.ts";
import { textFlag } from "../flags.ts";

type Kind = "spec" | "raw";

const words: Readonly<Record<Kind, string>> = { spec: "k8s spec", raw: "k8s raw spec" };
const logWords: Readonly<Record<Kind, string>> = { spec: "k8s spec", raw: "raw k8s spec" };

/** Pod specifications of the charms before sidecars. What they mean to a cluster is not checked here. */
export const k8sSpecSet = specSetter("k8s-spec-set", "spec");
export const podSpecSet = specSetter("pod-spec-set", "spec");
export const k8sRawSet = specSetter("k8s-raw-set", "raw");
export const k8sSpecGet = specGetter("k8s-spec-get", "spec");
export const podSpecGet = specGetter("pod-spec-get", "spec");
export const k8sRawGet = specGetter("k8s-raw-get", "raw");

function specSetter(name: string, kind: Kind): Command {
  return {
    name,
    args: "[options]",
    purpose: `Sets the application's ${words[kind]}.`,
    until4: true,
    prepare(call) {
      let file = "-";
      let resources = "";
      const fileFlag = textFlag((text) => {
        file = text;
      });
      const resourcesFlag = textFlag((text) => {
        resources = text;
      });
      return {
        flags: [["file", fileFlag], ...(kind === "spec" ? [["k8s-resources", resourcesFlag] as const] : [])],
        init: (args) => args.end(),
        run() {
          const text = read(call, file, kind) + (resources === "" ? "" : read(call, resources, kind));
          set(call, kind, text);
        },
      };
    },
  };
}

function read(call: Call, file: string, kind: Kind): string {
  const text = new TextDecoder().decode(call.readFile(file));
  if (text.trim() !== "") return text;
  throw new OperationError(
    `no ${words[kind]} specified: pipe ${words[kind]} to command, or specify a file with --file`,
  );
}

function set(call: Call, kind: Kind, text: string): void {
  const { state } = call;
  if (!state.isLeader()) {
    const unit = JSON.stringify(state.world.unit);
    state.log(
      "ERROR",
      "juju.worker.uniter",
      `${unit} is not the leader but is setting application ${logWords[kind]}`,
    );
    throw new OperationError("this unit is not the leader");
  }
  if (kind === "spec" && !hasContainers(text)) {
    throw new OperationError("require at least one container spec");
  }
  state.podSpecs[kind] = text;
}

function hasContainers(text: string): boolean {
  let spec: unknown;
  try {
    spec = parse(text, { logLevel: "silent" });
  } catch {
    // What is no YAML has no containers.
    return false;
  }
  const { containers } = (spec ?? {}) as { containers?: unknown };
  return Array.isArray(containers) && containers.length > 0;
}

function specGetter(name: string, kind: Kind): Command {
  return {
    name,
    args: "[options]",
    purpose: `Prints the application's ${words[kind]}.`,
    until4: true,
    prepare(call) {
      const output = new Output(call);
      return {
        flags: [output],
        init: (args) => args.end(),
        run() {
          call.stdout += call.state.podSpecs[kind] ?? "";
        },
      };
    },
  };
}
