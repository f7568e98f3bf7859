/**
 * Hooks that a real Juju 4.0.15 ran, as recordings: its answers word for word, under the questions that our framework asks. The probe
 * charm of the session asked with other spellings of the same arguments (`is-leader` without a format, no `-r` for its own relation).
 *
 * @module
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import type { Recording } from "../../lib/charm/record/recording.ts";

interface Tool {
  readonly argv: readonly string[];
  readonly code: number;
  readonly out: string;
  readonly err: string;
}
interface Hook {
  readonly t: number;
  readonly unit: string;
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
  readonly tools: readonly Tool[];
}

const file = path.resolve(import.meta.dirname, "../golden/session/events-4.0.json");
const { events } = JSON.parse(readFileSync(file, "utf8")) as { events: readonly (Hook | { step: string })[] };

/** The hooks of the application `pa` for its endpoint `client` that asked for what our framework asks for. */
export const goldenHooks: readonly (readonly [string, Recording])[] = events
  .filter((event): event is Hook => "tools" in event)
  .filter(
    ({ unit, path, tools }) =>
      unit.startsWith("pa/") && /client-relation-changed$/.test(path) && tools.length > 5,
  )
  .map((hook) => [
    `${hook.t} ${hook.unit} ${hook.env["JUJU_REMOTE_UNIT"] || "application"}`,
    recordingOf(hook),
  ]);

function recordingOf(hook: Hook): Recording {
  const relation = hook.env["JUJU_RELATION_ID"] ?? "";
  const id = relation.slice(relation.indexOf(":") + 1);
  const found = (...argv: string[]) => hook.tools.find((tool) => tool.argv.join(" ") === argv.join(" "));
  const answers: (readonly [readonly string[], Tool | undefined])[] = [
    [["is-leader", "--format=json"], lowered(found("is-leader"))],
    [["relation-ids", "--format=json", "--", "client"], found("relation-ids", "--format=json", "client")],
    [
      ["relation-list", "--format=json", "-r", id, "--app"],
      text(JSON.stringify(hook.env["JUJU_REMOTE_APP"])),
    ],
    [
      ["relation-get", "--format=json", "-r", id, "--app", "--", "-", "pb"],
      found("relation-get", "--format=json", "--app", "-", "pb"),
    ],
    ...hook.tools
      .filter(({ argv }) => argv[0] === "secret-get" && argv.length === 3)
      .map((tool) => [["secret-get", "--format=json", "--", tool.argv[2] ?? ""], tool] as const),
  ];
  return {
    format: "charmed-iap-recording/1",
    charm: "probe",
    started: Math.round(hook.t * 1000),
    took: 0,
    revealed: [],
    env: { JUJU_UNIT_NAME: hook.unit, JUJU_DISPATCH_PATH: hook.path, JUJU_VERSION: "4.0.15", ...hook.env },
    exchanges: answers.flatMap(([[command = "", ...args], tool]) =>
      tool === undefined
        ? []
        : [
            {
              kind: "hook" as const,
              at: 0,
              command,
              args,
              exitCode: tool.code,
              stdout: tool.out,
              stderr: tool.err,
            },
          ],
    ),
    outcome: { ended: "exit", exitCode: 0 },
  };
}

/** `True` is what `is-leader` prints without a format; with JSON it is `true`. */
function lowered(tool: Tool | undefined): Tool | undefined {
  return tool && { ...tool, out: tool.out.toLowerCase() };
}

function text(out: string): Tool {
  return { argv: [], code: 0, out: `${out}\n`, err: "" };
}
