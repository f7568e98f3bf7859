/**
 * Reads the declarations that TypeScript's compiler writes: regular text, so a scanner will do.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

/** One exported name. */
export interface Declaration {
  readonly name: string;
  readonly kind: "function" | "const" | "class" | "interface" | "type";
  /** Text of its doc comment without stars; empty when there is none. */
  readonly comment: string;
  /** Its declaration, without `export declare`. */
  readonly text: string;
}

/** One statement at the top of a file, and the comment before it. */
interface Statement {
  readonly comment: string;
  readonly text: string;
}

/** Everything that a module exports, re-exports of other files included. */
export function exportsOf(file: string): Declaration[] {
  return statementsOf(readFileSync(file, "utf8")).flatMap(({ text, comment }) => {
    const named = /^export (?:type )?\{([^}]*)\}(?: from "([^"]+)")?/s.exec(text);
    if (named !== null)
      return named[2] === undefined ? [] : reexported(named[1] ?? "", sourceOf(file, named[2]));
    const own = text.startsWith("export ") ? declared(text, comment) : undefined;
    return own === undefined ? [] : [own];
  });
}

/** The comment that describes a module: the one with `@module`. */
export function moduleComment(file: string): string {
  const comment = /\/\*\*(?:[^*]|\*(?!\/))*@module\s*\*\//.exec(readFileSync(file, "utf8"))?.[0] ?? "";
  return stripped(comment).replace(/\s*@module\s*$/, "");
}

function reexported(names: string, file: string): Declaration[] {
  const known = new Map(declarationsOf(file).map((one) => [one.name, one]));
  return names.split(",").flatMap((part) => {
    const found = /^(?:type )?([\w$]+)(?: as ([\w$]+))?$/.exec(part.trim());
    if (found === null) return [];
    const [, from = "", to = from] = found;
    const one = known.get(from);
    if (one === undefined) throw new Error(`Cannot find ${from} in ${file}, which is to export it`);
    return [{ ...one, name: to }];
  });
}

/** What a file declares and what it exports from elsewhere; overloads of a function are one. */
function declarationsOf(file: string): Declaration[] {
  const merged = new Map<string, Declaration>();
  const own = statementsOf(readFileSync(file, "utf8")).flatMap(
    ({ text, comment }) => declared(text, comment) ?? [],
  );
  for (const one of [...own, ...exportsOf(file)]) {
    const before = merged.get(one.name);
    if (before === undefined) merged.set(one.name, one);
    else if (before.text !== one.text && one.kind === "function" && !before.text.includes(one.text))
      merged.set(one.name, { ...before, text: `${before.text}\n${one.text}` });
  }
  return [...merged.values()];
}

function declared(text: string, comment: string): Declaration | undefined {
  const found =
    /^(?:export )?(?:declare )?(?:abstract )?(function|namespace|const|class|interface|type) ([\w$]+)/.exec(
      text,
    );
  if (found === null) return undefined;
  const [, kind, name = ""] = found;
  return {
    name,
    // What stands on a function as its properties.
    kind: kind === "namespace" ? "function" : (kind as Declaration["kind"]),
    comment,
    text: text.replace(/^export (?:declare )?/, ""),
  };
}

function sourceOf(from: string, specifier: string): string {
  const base = path.resolve(path.dirname(from), specifier).replace(/\.[cm]?[jt]s$/, "");
  const file = `${base}.d.ts`;
  if (!existsSync(file))
    throw new Error(`Cannot read ${specifier}: ${from} re-exports it, there is no ${file}`);
  return file;
}

/** Splits a file at the ends of its statements: a semicolon, or the brace that closes an interface, class or namespace. */
export function statementsOf(source: string): Statement[] {
  const statements: Statement[] = [];
  const token =
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|[{}()[\];]/g;
  let depth = 0;
  let start = 0;
  let comment = "";
  for (const { 0: text, index } of source.matchAll(token)) {
    const begun = source.slice(start, index).trim() !== "";
    if (text.startsWith("/")) {
      if (begun) continue;
      comment = text.startsWith("/**") ? stripped(text) : comment;
      start = index + text.length;
      continue;
    }
    if ("{([".includes(text)) depth += 1;
    if ("})]".includes(text)) depth -= 1;
    const block = /^(?:export )?(?:declare )?(?:abstract )?(?:interface|class|namespace) /.test(
      source.slice(start).trimStart(),
    );
    if (depth === 0 && (text === ";" || (text === "}" && block))) {
      statements.push({ comment, text: source.slice(start, index + 1).trim() });
      start = index + 1;
      comment = "";
    }
  }
  return statements;
}

/** A doc comment without its stars. */
function stripped(comment: string): string {
  return comment
    .replace(/^\/\*\*\s?/, "")
    .replace(/\s*\*\/$/, "")
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, ""))
    .join("\n")
    .trim();
}
