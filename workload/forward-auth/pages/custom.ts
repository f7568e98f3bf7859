/** Templates of the operator instead of our pages. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Render } from "../template/compile.ts";
import { type FieldShapes, pageTemplate } from "../template/template.ts";

/** Fields of `sign_in.html`: oauth2-proxy's, and the providers that can be chosen. */
const SIGN_IN: FieldShapes = {
  ProviderName: "text",
  SignInMessage: "markup",
  StatusCode: "number",
  CustomLogin: "truth",
  Redirect: "text",
  Version: "text",
  ProxyPrefix: "text",
  Footer: "markup",
  LogoData: "markup",
  Providers: { list: { fields: { ID: "text", Name: "text" } } },
};

/** Fields of `error.html`: oauth2-proxy's. */
const ERROR: FieldShapes = {
  Title: "text",
  Message: "text",
  ProxyPrefix: "text",
  StatusCode: "number",
  Redirect: "text",
  RequestID: "text",
  Footer: "markup",
  Version: "text",
};

/** What a folder holds; undefined: not there, ours is used. */
export interface CustomPages {
  readonly signIn: Render | undefined;
  readonly error: Render | undefined;
  readonly robots: Buffer | undefined;
  /** Paths of those that are not there. */
  readonly missing: readonly string[];
}

/** Largest template, in bytes. */
const MOST = 1_048_576;

function readFile(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  const bytes = readFileSync(path);
  if (bytes.length > MOST) throw new RangeError(`"${path}" must be at most 1 MiB`);
  return bytes.toString("utf8");
}

function compiled(folder: string, name: string, fields: FieldShapes): Render | undefined {
  const source = readFile(join(folder, name));
  if (source === undefined) return undefined;
  try {
    return pageTemplate(source, name, fields);
  } catch (error) {
    throw new RangeError(`"${join(folder, name)}" must be a template: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/**
 * Reads the templates of a folder; an empty name means none.
 *
 * @throws {RangeError} When a template is none.
 */
export function readCustomPages(folder: string): CustomPages {
  if (folder === "") return { signIn: undefined, error: undefined, robots: undefined, missing: [] };
  const robots = readFile(join(folder, "robots.txt"));
  const names = ["sign_in.html", "error.html", "robots.txt"];
  return {
    signIn: compiled(folder, "sign_in.html", SIGN_IN),
    error: compiled(folder, "error.html", ERROR),
    robots: robots === undefined ? undefined : Buffer.from(robots),
    missing: names.map((name) => join(folder, name)).filter((path) => !existsSync(path)),
  };
}
