import type { HookAnswer, HookRequest } from "../../hook/transport.ts";
import type { CharmContract } from "../contract.ts";
import type { SecretBook } from "./secret-book.ts";

/**
 * Remembers what a hook command says is secret: contents of secrets both ways, cloud credentials, options of type
 * secret, and values of databags and parameters whose names tell.
 *
 * @returns What stands for the content that was sent, by key; absent when none was.
 */
export function learnFromCommand(
  { command, content }: HookRequest,
  { exitCode, stdout }: HookAnswer,
  contract: CharmContract,
  secrets: SecretBook,
): Record<string, string> | undefined {
  if (exitCode === 0) learnFromAnswer(command, new TextDecoder().decode(stdout), contract, secrets);
  if (content === undefined) return undefined;
  const sent = Object.entries(content).map(([key, value]) => [
    key,
    secrets.add(new TextDecoder().decode(value)),
  ]);
  return Object.fromEntries(sent);
}

function learnFromAnswer(command: string, text: string, contract: CharmContract, secrets: SecretBook): void {
  if (!READS.has(command)) return;
  const json = parsed(text);
  if (command === "secret-get") {
    if (typeof json === "object" && json !== null)
      for (const value of Object.values(json)) secrets.add(String(value));
    else secrets.add(text.trim());
  } else if (command === "credential-get")
    secrets.addAll((json as { credential?: unknown } | null)?.credential);
  else if (command === "config-get") learnFromOptions(json, contract, secrets);
  else secrets.addTelling(json);
}

const READS = new Set([
  "secret-get",
  "credential-get",
  "config-get",
  "relation-get",
  "action-get",
  "state-get",
]);

function learnFromOptions(json: unknown, contract: CharmContract, secrets: SecretBook): void {
  for (const [name, value] of Object.entries((json ?? {}) as Record<string, unknown>)) {
    if (contract.config?.[name]?.type === "secret" && typeof value === "string") secrets.add(value);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
