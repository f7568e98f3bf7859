/** The operator's commands of a recorded session, done on a model. */

import { probeCharm } from "./golden-probe.ts";
import { parseShell } from "./golden-shell.ts";
import type { Model } from "./model.ts";
import type { HookRun } from "./run.ts";

function charmOf(path: string): string {
  return /\/([^/]+)\.charm$/.exec(path)?.[1] ?? path;
}

function pairs(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    words.map((word) => [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)]),
  );
}

/** Values as YAML scalars, as far as the recordings have them. */
function typed(values: Readonly<Record<string, string>>): Record<string, unknown> {
  const entries = Object.entries(values);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, /^\d+$/.test(value) ? Number(value) : value]),
  );
}

function runAction(model: Model, unit: string, name: string, words: readonly string[]): string | undefined {
  const operation = model.enqueueActions([unit], name, typed(pairs(words)));
  if (operation.errors.length > 0) {
    return `Operation ${operation.id} failed to schedule any tasks:\n${operation.errors.join("\n")}`;
  }
  const id = operation.tasks[0]!;
  if (name === "rotate")
    return `Running operation ${operation.id} with 1 task\n  - task ${id} on unit-${unit.replace("/", "-")}`;
  model.next(unit);
  const task = model.task(id);
  return `Action id ${id} failed: ${task.message}`;
}

/** Runs the hook commands of a shell line; output first, then errors, as the client shows them. */
function runCommands(run: HookRun, line: string): { stdout: string; stderr: string; exitCode: number } {
  let [stdout, stderr, exitCode] = ["", "", 0];
  for (const { argv } of parseShell(line)) {
    const answer = run.context.run(argv[0] ?? "", argv.slice(1));
    stdout += Buffer.from(answer.stdout).toString();
    stderr += Buffer.from(answer.stderr).toString();
    exitCode = answer.exitCode;
  }
  return { stdout, stderr, exitCode };
}

function exec(model: Model, unit: string, line: string): string {
  model.enqueueExec(unit, line);
  const run = model.next(unit);
  if (!run) return "nothing ran";
  const { stdout, stderr, exitCode } = runCommands(run, line);
  run.finish({ exitCode, stdout, stderr });
  return `${stdout}${stderr}`;
}

/**
 * Does one command.
 *
 * @returns What the operator sees of it, as far as the model decides that.
 */
export function playStep(model: Model, step: string): string | undefined {
  const [verb, ...words] = step.split(" ");
  const [first = "", second = "", ...rest] = words;
  switch (verb) {
    case "deploy":
      model.deploy(probeCharm(charmOf(first)), { app: second, to: "0" });
      return undefined;
    case "integrate":
      model.integrate(first, second);
      return undefined;
    case "config":
      model.setConfig(first, pairs([second, ...rest]));
      return undefined;
    case "add-unit":
      model.addUnits(first, 1, { to: "0" });
      return undefined;
    case "run":
      return runAction(model, first, second, rest);
    case "resolved":
      model.resolved(first);
      return undefined;
    case "refresh": {
      const { name } = model.state.applications[first]!.charm;
      const { revision } = model.refresh(first, probeCharm(name));
      return `Added local charm "${name}", revision ${revision}, to the model`;
    }
    case "remove-unit":
      model.removeUnit(first);
      return undefined;
    case "remove-relation":
      model.removeRelation(first, second);
      return undefined;
    case "remove-application":
      model.removeApplication(first);
      return undefined;
    case "exec":
      return exec(model, second, step.slice(step.indexOf(" -- ") + 4));
    default:
      return undefined;
  }
}
