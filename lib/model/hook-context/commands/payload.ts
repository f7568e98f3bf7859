import { parse } from "yaml";
import type { Call, Command } from "../command.ts";
import { OperationError } from "../errors.ts";
import { UsageError } from "../flags.ts";
import { quote } from "../go/text.ts";
import type { PayloadCall } from "../types.ts";

const statuses = ["starting", "started", "stopping", "stopped"];

export const payloadRegister = payloadCommand("payload-register", {
  args: "<type> <class> <id> [<tag> …]",
  purpose: "Says that a workload of this unit is there.",
  least: 3,
  read(call, [type = "", name = "", id = "", ...labels]) {
    const known = declaredType(call, name);
    if (known === undefined) throw new OperationError(`payload ${quote(name)} not found in metadata.yaml`);
    if (known !== type) {
      throw new OperationError(
        `incorrect type ${quote(type)} for payload ${quote(name)}, expected ${quote(known)}`,
      );
    }
    return { kind: "payload", operation: "register", class: name, id, type, labels };
  },
});

export const payloadUnregister = payloadCommand("payload-unregister", {
  args: "<class> <id>",
  purpose: "Says that a workload of this unit is gone.",
  least: 2,
  most: 2,
  read: (_, [name = "", id = ""]) => ({ kind: "payload", operation: "unregister", class: name, id }),
});

export const payloadStatusSet = payloadCommand("payload-status-set", {
  args: "<class> <id> starting|started|stopping|stopped",
  purpose: "Sets the status of a workload of this unit.",
  least: 3,
  most: 3,
  read(_, [name = "", id = "", status = ""]) {
    if (!statuses.includes(status)) {
      throw new OperationError(
        `status ${quote(status)} not supported; expected one of [${statuses.map(quote).join(" ")}]`,
      );
    }
    return { kind: "payload", operation: "status-set", class: name, id, status };
  },
});

function payloadCommand(
  name: string,
  spec: {
    args: string;
    purpose: string;
    least: number;
    most?: number;
    read: (call: Call, words: readonly string[]) => PayloadCall;
  },
): Command {
  return {
    name,
    args: spec.args,
    purpose: spec.purpose,
    until4: true,
    prepare(call) {
      const words: string[] = [];
      return {
        flags: [],
        init(args) {
          if (args.length < spec.least) throw new UsageError("missing required arguments");
          while (args.length > 0 && words.length < (spec.most ?? Number.POSITIVE_INFINITY)) {
            words.push(args.next() ?? "");
          }
          args.end();
        },
        run: () => call.state.immediate(spec.read(call, words)),
      };
    },
  };
}

/** The type of a payload in `metadata.yaml` of the caller's directory. */
function declaredType(call: Call, name: string): string | undefined {
  const text = new TextDecoder().decode(call.readFile("metadata.yaml"));
  let metadata: unknown;
  try {
    metadata = parse(text, { logLevel: "silent" });
  } catch (cause) {
    throw new OperationError("cannot read metadata.yaml", { cause });
  }
  const { payloads } = (metadata ?? {}) as { payloads?: Record<string, { type?: unknown } | null> };
  const found = typeof payloads === "object" && Object.hasOwn(payloads, name) ? payloads[name] : undefined;
  return typeof found?.type === "string" ? found.type : undefined;
}
