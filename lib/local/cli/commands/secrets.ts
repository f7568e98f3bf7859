import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { SecretDataError, secretData } from "../../../model/hook-context/secret-data.ts";
import type { Checked, Command, Invocation } from "../command.ts";
import { noMoreThan, usage } from "../errors.ts";
import { fileText } from "../key-values.ts";
import { readYamlMap } from "../yaml-input.ts";

/** A file that the command line names; Juju looks at it before it connects. */
function opened<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw usage(`open ${path}: no such file or directory`);
    throw code === "EISDIR" ? usage(`read ${path}: is a directory`) : error;
  }
}

/** Key → base64 text of the arguments after the first. */
function given({ args, cwd }: Checked): Record<string, string> {
  const read = (path: string): Buffer => {
    try {
      return opened(path, () => readFileSync(resolve(cwd, path)));
    } catch (error) {
      throw error instanceof Error ? new Error(error.message) : error;
    }
  };
  try {
    return Object.fromEntries(secretData(args.slice(1), read));
  } catch (error) {
    throw error instanceof SecretDataError ? usage(error.message) : error;
  }
}

/** What arguments and `--file` say together; the arguments win. */
async function content(o: Invocation): Promise<Record<string, string> | undefined> {
  const file = o.flags.text("file");
  if (file === undefined) return o.args.length > 1 ? given(o) : undefined;
  const map = await readYamlMap(fileText(file, o.cwd), "secret file");
  const pairs = Object.entries(map).map(([key, value]) => `${key}=${String(value)}`);
  return {
    ...Object.fromEntries(secretData(pairs, (path) => readFileSync(resolve(o.cwd, path)))),
    ...given(o),
  };
}

function checkContent(o: Checked, isNeeded: boolean): void {
  const file = o.flags.text("file");
  const pairs = given(o);
  if (file !== undefined) opened(file, () => readFileSync(resolve(o.cwd, file)));
  else if (isNeeded && Object.keys(pairs).length === 0) throw usage("missing secret value or filename");
}

function grant(name: "grant-secret" | "revoke-secret", purpose: string): Command {
  return {
    purpose,
    usage: "<ID>|<name> <application>[,<application>...]",
    scope: "model",
    check({ args }) {
      if (args.length < 2) throw usage("missing secret URI or application name");
      noMoreThan(args, 2);
    },
    async run(o) {
      const [secret = "", list = ""] = o.args;
      const applications = list.split(",");
      await o.call("grantSecret", { ...o.inModel, secret, applications, revoke: name === "revoke-secret" });
    },
  };
}

export const commands: Readonly<Record<string, Command>> = {
  "add-secret": {
    purpose: "Add a secret of the model.",
    usage: "<name> [<key>[#base64|#file]=<value> ...]",
    scope: "model",
    flags: { info: "text", file: "text" },
    check(o) {
      if ((o.args[0] ?? "") === "") throw usage("secret name needs to be supplied as the first argument");
      checkContent(o, true);
    },
    async run(o) {
      const [name = ""] = o.args;
      const said = { content: (await content(o)) ?? {}, description: o.flags.text("info") ?? "" };
      const { uri } = await o.call("addSecret", { ...o.inModel, ...said, name });
      o.out(`${uri}\n`);
    },
  },
  "update-secret": {
    purpose: "Change a secret of the model.",
    usage: "<ID>|<name> [<key>[#base64|#file]=<value> ...]",
    scope: "model",
    flags: { info: "text", file: "text", name: "text", "auto-prune": "bool" },
    check(o) {
      if (o.args.length === 0) throw usage("missing secret URI");
      checkContent(o, false);
    },
    async run(o) {
      const { flags } = o;
      const changed = await content(o);
      await o.call("updateSecret", {
        ...o.inModel,
        secret: o.args[0] ?? "",
        ...(changed ? { content: changed } : {}),
        ...(flags.has("name") ? { name: flags.text("name") ?? "" } : {}),
        ...(flags.has("info") ? { description: flags.text("info") ?? "" } : {}),
        ...(flags.has("auto-prune") ? { autoPrune: flags.on("auto-prune") } : {}),
      });
    },
  },
  "remove-secret": {
    purpose: "Remove a secret of the model, or one revision of it.",
    usage: "<ID>|<name>",
    scope: "model",
    flags: { revision: "int" },
    check({ args }) {
      if (args.length === 0) throw usage("missing secret URI");
      noMoreThan(args, 1);
    },
    async run(o) {
      const revision = o.flags.number("revision");
      const secret = o.args[0] ?? "";
      await o.call("removeSecret", { ...o.inModel, secret, ...(revision ? { revision } : {}) });
    },
  },
  "grant-secret": grant("grant-secret", "Let applications read a secret of the model."),
  "revoke-secret": grant("revoke-secret", "Let applications read a secret of the model no more."),
};
