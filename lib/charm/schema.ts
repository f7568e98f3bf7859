import type { StandardSchemaV1 } from "@standard-schema/spec";

/** A schema of any library that speaks Standard Schema (valibot, zod, arktype); must validate synchronously. */
export type Schema = StandardSchemaV1;

/** What a schema accepts. */
export type In<S extends Schema> = StandardSchemaV1.InferInput<S>;

/** What a schema gives. */
export type Out<S extends Schema> = StandardSchemaV1.InferOutput<S>;

/** One fault: where (`["ingress", "url"]`, empty for the whole) and what should be there. */
export interface Issue {
  readonly path: readonly string[];
  readonly message: string;
}

/** The value a schema made of its input, or every fault it found. */
export type Validated =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/**
 * Validates with any Standard Schema.
 *
 * A schema that throws is a schema that refuses: the input may come from elsewhere.
 *
 * @throws {TypeError} When the schema is asynchronous.
 */
export function validate(schema: Schema, input: unknown): Validated {
  const result = attempt(schema, input);
  if (result instanceof Promise) {
    result.catch(() => undefined); // The answer is not wanted; its failure must not end the process.
    throw new TypeError("Cannot validate a value: the schema is asynchronous, must be synchronous");
  }
  if (result.issues === undefined) return { ok: true, value: result.value };
  return { ok: false, issues: result.issues.map(toIssue) };
}

function attempt(schema: Schema, input: unknown): ReturnType<Schema["~standard"]["validate"]> {
  try {
    return schema["~standard"].validate(input);
  } catch (cause) {
    return { issues: [{ message: cause instanceof Error ? cause.message : "is not valid" }] };
  }
}

function toIssue(issue: StandardSchemaV1.Issue): Issue {
  const path = (issue.path ?? []).map((step) => String(typeof step === "object" ? step.key : step));
  return { path, message: issue.message };
}

/** `ingress.url: must be a URL`; the whole value has no path. */
export function issueText(issue: Issue | undefined): string {
  if (issue === undefined) return "is not valid";
  return issue.path.length === 0 ? issue.message : `${issue.path.join(".")}: ${issue.message}`;
}
