import { HookCommandError } from "../../hook/errors.ts";

/** Whether a hook command failed, and for this reason. */
export function failedWith(error: unknown, reason: HookCommandError["reason"]): error is HookCommandError {
  return error instanceof HookCommandError && error.reason === reason;
}

/** For `catch`: what is not there is an answer, any other failure is thrown on. */
export function undefinedIfNotFound(error: unknown): undefined {
  if (!failedWith(error, "not-found")) throw error;
}
