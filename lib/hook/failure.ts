import { HookCommandError, type HookCommandReason } from "./errors.ts";
import type { HookAnswer, HookRequest } from "./transport.ts";

/** First match wins. The texts are those of Juju 3.6 and 4. */
const reasons: readonly (readonly [RegExp, HookCommandReason])[] = [
  [/^bad request: unknown command: |executable not found on PATH$/, "unknown-command"],
  [/^dial |^unexpected EOF$|^bad request: wrong context ID|^JUJU_\w+ not set$/, "unreachable"],
  // A follower that writes application data is told only that it could not.
  [/not the leader|^cannot write relation settings$/, "not-leader"],
  [/permission denied|unauthorized access/, "permission-denied"],
  [/already exists|port range conflicts with|unit level grants need to be revoked/, "conflict"],
  [/not found|no network config found|address(es)? attached to space for binding/, "not-found"],
];

function reasonOf(exitCode: number, stderr: string): HookCommandReason {
  for (const [pattern, reason] of reasons) if (pattern.test(stderr)) return reason;
  return exitCode === 2 ? "usage" : "other";
}

/** The error for an answer with a code other than 0. */
export function commandError(request: HookRequest, answer: HookAnswer): HookCommandError {
  const text = new TextDecoder()
    .decode(answer.stderr)
    .trim()
    .replace(/^ERROR /, "");
  return new HookCommandError({
    command: request.command,
    exitCode: answer.exitCode,
    stderr: redact(text, request),
    reason: reasonOf(answer.exitCode, text),
  });
}

/**
 * Removes secret content from a text, also in the base64 form that travels. Values under four bytes stay:
 * taking out every "a" would spoil the text and give the value away.
 */
function redact(text: string, { content = {} }: HookRequest): string {
  const values = Object.values(content).filter((value) => value.length >= 4);
  const forms = values.flatMap((value) => [
    Buffer.from(value).toString("utf8"),
    Buffer.from(value).toString("base64"),
  ]);
  const longestFirst = forms.sort((a, b) => b.length - a.length);
  return longestFirst.reduce((redacted, form) => redacted.replaceAll(form, "***"), text);
}
