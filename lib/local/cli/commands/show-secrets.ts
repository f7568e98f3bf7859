import { formatTime } from "../../../model/hook-context/go/time.ts";
import { GoTime, type Struct, textOrBytes } from "../../../model/hook-context/go/value.ts";
import type { SecretReport } from "../../api-secrets.ts";
import { agoText, table } from "../../status/index.ts";
import type { Checked, Command, Invocation } from "../command.ts";
import { noMoreThan, usage } from "../errors.ts";
import { emit, formatted, record } from "../print.ts";

const time = (ms: number | undefined): GoTime | undefined =>
  ms === undefined ? undefined : new GoTime(formatTime(new Date(ms)));

/** How `--format yaml` and `json` show one secret. */
function fields(secret: SecretReport, more: Readonly<Record<string, unknown>> = {}): Struct {
  const { revision, owner, description, name, label, rotation, rotates, expires, created, updated } = secret;
  const { checksum, ...after } = more;
  return record({
    revision,
    checksum,
    expires: time(expires),
    // Secrets of the operator do not rotate.
    rotation: name === undefined ? rotation : undefined,
    rotates: time(rotates),
    owner,
    description: description || undefined,
    name,
    label,
    created: time(created),
    updated: time(updated),
    ...after,
  });
}

function listFormatted(secrets: readonly SecretReport[], format: string): string {
  return formatted(new Map(secrets.map((secret) => [secret.id, fields(secret)])), format);
}

async function list(o: Invocation): Promise<void> {
  const owner = o.flags.text("owner");
  const found = await o.call("secrets", { ...o.inModel, ...(owner === undefined ? {} : { owner }) });
  const format = o.flags.text("format") ?? "tabular";
  if (format !== "tabular") return emit(o, listFormatted(found, format));
  if (found.length === 0) return;
  const head = ["ID", "Name", "Owner", "Rotation", { right: "Revision" }, "Last updated"];
  const rows = found.map(({ id, name = "-", owner: whose, rotation, revision, updated }) => [
    id,
    name,
    whose,
    rotation,
    { right: String(revision) },
    agoText(Date.now() - updated),
    "", // Juju leaves a cell empty there.
  ]);
  await emit(o, table([head, ...rows]));
}

function checkShow({ args, flags }: Checked): void {
  if (args.length === 0) throw usage("secret ID is required");
  noMoreThan(args, 1);
  if (flags.on("revisions") && flags.on("reveal")) {
    throw usage("specify either --revisions or --reveal but not both");
  }
  if (flags.on("revisions") && flags.has("revision")) {
    throw usage("specify either --revisions or --revision but not both");
  }
}

/** Content as text; what is no text stays bytes, which are printed as such. */
function revealed({ revisions }: SecretReport): unknown {
  const content = revisions.find((one) => one.content !== undefined)?.content ?? {};
  return new Map(
    Object.entries(content)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => [key, textOrBytes(Buffer.from(value, "base64"))]),
  );
}

async function show(o: Invocation): Promise<void> {
  const [secret = ""] = o.args;
  const reveal = o.flags.on("reveal");
  const revision = o.flags.number("revision");
  const [found] = await o.call("secrets", {
    ...o.inModel,
    secret,
    reveal,
    ...(revision ? { revision } : {}),
  });
  if (!found) return;
  const { created, updated, access } = found;
  const all = found.revisions.map(({ revision: number }) =>
    record({ revision: number, backend: "internal", created: time(created), updated: time(updated) }),
  );
  const more = {
    ...(reveal ? { checksum: found.checksum, content: revealed(found) } : {}),
    ...(o.flags.on("revisions") ? { revisions: all } : {}),
    ...(access.length === 0 ? {} : { access: access.map((one) => record({ ...one })) }),
  };
  const shown = new Map([[found.id, fields(revision ? { ...found, revision } : found, more)]]);
  await emit(o, formatted(shown, o.flags.text("format") ?? "yaml"));
}

export const commands: Readonly<Record<string, Command>> = {
  secrets: {
    purpose: "List the secrets of the model and of its charms.",
    scope: "model",
    formats: ["tabular", "json", "yaml"],
    flags: { owner: "text" },
    check: ({ args }) => noMoreThan(args, 0),
    run: list,
  },
  "show-secret": {
    purpose: "Show a secret, with --reveal what it holds.",
    usage: "<ID>|<name>",
    scope: "model",
    formats: ["yaml", "json"],
    flags: { reveal: "bool", revision: "int", revisions: "bool" },
    check: checkShow,
    run: show,
  },
};
