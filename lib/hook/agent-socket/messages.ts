/**
 * What travels over the unit agent's socket: Go `net/rpc` with gob, one header and one body each way.
 *
 * Source: juju/juju: internal/worker/uniter/runner/jujuc/server.go; Go: net/rpc, encoding/gob.
 *
 * @module
 */
import type { GobField, GobType } from "./gob-types.ts";

/** The one method of the agent's server. */
export const METHOD = "Jujuc.Main";

/** The client compares the whole text: it is the sign to read standard input and ask again. */
export const NEEDS_STDIN = "hook tool requires stdin, none supplied";

/** Largest message that is accepted, in bytes; Juju's own limits are far below. */
export const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

const text: GobType = { kind: "string" };
const bytes: GobType = { kind: "bytes" };
const field = (name: string, type: GobType): GobField => ({ name, type });

export const REQUEST_HEADER: GobType = {
  kind: "struct",
  name: "Request",
  fields: [field("ServiceMethod", text), field("Seq", { kind: "uint" })],
};

const requestFields: readonly GobField[] = [
  field("ContextId", text),
  field("Dir", text),
  field("CommandName", text),
  field("Args", { kind: "slice", name: "[]string", element: text }),
  field("StdinSet", { kind: "bool" }),
  field("Stdin", bytes),
];

/** The body of Juju 4; 3.6 accepts it too. */
export const REQUEST_BODY: GobType = { kind: "struct", name: "Request", fields: requestFields };

/** The body of Juju 3.6, for a caller that has a token. */
export const REQUEST_BODY_WITH_TOKEN: GobType = {
  kind: "struct",
  name: "Request",
  fields: [...requestFields, field("Token", text)],
};

export const REPLY_HEADER: GobType = {
  kind: "struct",
  name: "Response",
  fields: [field("ServiceMethod", text), field("Seq", { kind: "uint" }), field("Error", text)],
};

export const REPLY_BODY: GobType = {
  kind: "struct",
  name: "ExecResponse",
  fields: [field("Code", { kind: "int" }), field("Stdout", bytes), field("Stderr", bytes)],
};

/** The body of a refused call. */
export const EMPTY_BODY: GobType = { kind: "struct", name: "", fields: [] };

export const REQUEST_HEADER_SHAPE = { ServiceMethod: "string", Seq: "uint" } as const;

export const REQUEST_SHAPE = {
  ContextId: "string",
  Dir: "string",
  CommandName: "string",
  Args: "strings",
  StdinSet: "bool",
  Stdin: "bytes",
  Token: "string",
} as const;

export const REPLY_HEADER_SHAPE = { ServiceMethod: "string", Seq: "uint", Error: "string" } as const;

export const REPLY_SHAPE = { Code: "int", Stdout: "bytes", Stderr: "bytes" } as const;
