import { type Args, type Command, Output } from "../command.ts";
import { textFlag, UsageError } from "../flags.ts";
import { compareText, parsePrefixedInteger } from "../go/text.ts";
import { StringList } from "../go/value.ts";
import { badSecretUri, formatSecretUri, parseSecretUri, type SecretUri } from "../secret-uri.ts";
import { SecretOptions } from "./secret-upsert.ts";

export const secretAdd: Command = {
  name: "secret-add",
  args: "[options] <key>[#base64|#file]=<value> …",
  purpose: "Creates a secret and prints its URI.",
  prepare(call) {
    const options = new SecretOptions(call);
    return {
      flags: options.flags,
      init(args) {
        if (args.length === 0 && options.file === "") {
          throw new UsageError("missing secret value or filename");
        }
        options.init(args.all());
        if (options.data.size === 0) throw new UsageError("missing secret value or filename");
      },
      run() {
        const owner = options.owner === "unit" ? "unit" : "application";
        const uri = call.state.secrets.create({ ...options.values(), owner, data: options.data });
        call.stdout += `${formatSecretUri(uri)}\n`;
      },
    };
  },
};

/** The URI that secret commands start with. */
export function takeSecretUri(args: Args): SecretUri {
  const text = args.next();
  if (text === undefined) throw new UsageError("missing secret URI");
  return readSecretUri(text);
}

export function readSecretUri(text: string): SecretUri {
  const uri = parseSecretUri(text);
  if (uri === undefined) throw new UsageError(badSecretUri(text));
  return uri;
}

export const secretSet: Command = {
  name: "secret-set",
  args: "[options] <ID> [<key>[#base64|#file]=<value> …]",
  purpose: "Changes a secret; new content becomes a new revision.",
  prepare(call) {
    const options = new SecretOptions(call);
    let uri: SecretUri | undefined;
    return {
      flags: options.flags,
      init(args) {
        uri = takeSecretUri(args);
        options.init(args.all());
      },
      run() {
        if (uri !== undefined) call.state.secrets.update(uri, options.values());
      },
    };
  },
};

export const secretRemove: Command = {
  name: "secret-remove",
  args: "[options] <ID>",
  purpose: "Removes a secret, or one revision of it.",
  prepare(call) {
    let revision = 0;
    let uri: SecretUri | undefined;
    const set = (text: string) => {
      const parsed = parsePrefixedInteger(text);
      if ("error" in parsed) return parsed.error;
      revision = parsed.value;
      return undefined;
    };
    return {
      flags: [["revision", { kind: "text", set }]],
      init(args) {
        uri = takeSecretUri(args);
        args.end();
      },
      run() {
        if (uri !== undefined) call.state.secrets.remove(uri, revision > 0 ? revision : undefined);
      },
    };
  },
};

export const secretIds: Command = {
  name: "secret-ids",
  args: "[options]",
  purpose: "Lists the secrets this unit owns, on the leader the application's too.",
  prepare(call) {
    const output = new Output(call);
    return {
      flags: [output],
      init: (args) => args.end(),
      run() {
        const ids = [...call.state.secrets.list().keys()].sort(compareText);
        output.write(new StringList(ids, ids.length === 0));
      },
    };
  },
};

/** `--label`, where a secret may be named by one. */
export function labelFlag(set: (label: string) => void) {
  return ["label", textFlag(set)] as const;
}
