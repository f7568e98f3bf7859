import { isCharmError } from "../../hook/errors.ts";
import type { AnyAction } from "../action.ts";
import type { Context } from "../context.ts";
import { type CharmContract, handlersOf } from "../contract.ts";
import type { ActionResults, ActionRun } from "../handlers.ts";
import { issueText, validate } from "../schema.ts";
import { flatten } from "./action-results.ts";
import type { HookOutcome, Run } from "./run-hook.ts";

class ActionFailure extends Error {}

type Handler = (ctx: unknown, params: unknown, run: ActionRun) => unknown;

/**
 * Runs one action: parameters are validated, results flattened, expected failures told to whoever waits.
 * `reconcile` does not run; what the handler writes is sent unless it fails.
 */
export async function runAction(
  run: Run,
  { name, id }: { readonly name: string; readonly id: string },
  context: Context<CharmContract>,
  send: () => Promise<void>,
): Promise<HookOutcome> {
  const definition = run.contract.actions?.[name];
  const handler = (handlersOf(run.program).actions as Readonly<Record<string, Handler>> | undefined)?.[name];
  if (definition === undefined || handler === undefined) return await failed(run, `"${name}" is not defined`);
  const given = await run.juju.actionGet();
  const params =
    definition.params === undefined ? { ok: true as const, value: {} } : validate(definition.params, given);
  if (!params.ok) return await failed(run, issueText(params.issues[0]));
  const progress: Promise<void>[] = [];
  try {
    const results = await handler(context, params.value, {
      id,
      log: (message) => void progress.push(run.juju.actionLog(run.redactor.clean(message))),
      fail: (message) => {
        throw new ActionFailure(message);
      },
    });
    const flat = flatten(checked(name, definition, results ?? {}));
    await Promise.all(progress);
    await send();
    await run.juju.actionSet(flat);
    return { exitCode: 0 };
  } catch (error) {
    await Promise.allSettled(progress);
    const expected = error instanceof ActionFailure || isCharmError(error);
    if (!expected) throw error;
    return await failed(run, error.message);
  }
}

/** @throws {TypeError} When they are not what the contract says: a fault of the charm, after which nothing is sent. */
function checked(name: string, { results: schema }: AnyAction, results: unknown): ActionResults {
  if (schema === undefined) return results as ActionResults;
  const found = validate(schema, results);
  if (found.ok) return found.value as ActionResults;
  throw new TypeError(`Cannot set results of action "${name}": ${issueText(found.issues[0])}`);
}

async function failed(run: Run, message: string): Promise<HookOutcome> {
  await run.juju.actionFail(run.redactor.clean(message));
  return { exitCode: 0 };
}
