import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { Invocation } from "./command.ts";
import { failure } from "./errors.ts";
import type { FlagSpec } from "./flags.ts";
import { fileText, keyValues } from "./key-values.ts";
import { readYamlMap } from "./yaml-input.ts";

/** `--resource name=value`, several times. */
export const resourceFlag: FlagSpec = {
  kind: "texts",
  check: (value) => (/^[^=]+=.+$/s.test(value) ? undefined : `badly formatted name value pair: ${value}`),
};

/** Resources as given: files and folders by their absolute paths, other values as they are. */
export function resourcesOf(o: Invocation): Record<string, string> {
  const pairs = o.flags.all("resource").map((text) => {
    const at = text.indexOf("=");
    const value = text.slice(at + 1);
    const path = resolve(o.cwd, value);
    return [text.slice(0, at), /^[./~]/.test(value) || existsSync(path) ? path : value] as const;
  });
  return Object.fromEntries(pairs);
}

/** Options of `--config`: `key=value` several times, and at most one YAML file. */
export async function configOf(o: Invocation, application: string): Promise<Record<string, unknown>> {
  const given = o.flags.all("config");
  const files = given.filter((text) => !text.includes("="));
  if (files.length > 1) throw failure(`only a single config YAML file can be specified, got ${files.length}`);
  const [file] = files;
  const fromFile = file === undefined ? {} : await applicationPart(fileText(file, o.cwd), application);
  return {
    ...fromFile,
    ...keyValues(
      given.filter((text) => text.includes("=")),
      o,
    ),
  };
}

async function applicationPart(text: string, application: string): Promise<Record<string, unknown>> {
  const values = (await readYamlMap(text, "config file"))[application];
  if (values === null || typeof values !== "object") throw failure(`no settings found for "${application}"`);
  return values as Record<string, unknown>;
}

/** A path for a path; a name for the name of a charm of this checkout. */
export function charmOf(text: string, cwd: string): string {
  const local = text.startsWith("local:") ? text.slice("local:".length) : text;
  if (!/^[./~]/.test(local)) return text.replace(/^ch:/, "");
  const path = resolve(cwd, local);
  if (!existsSync(path)) throw failure(`no charm was found at "${text}"`);
  return path;
}

/** Whether a plain name is also that of a file or charm here, so that it could mean both. */
export function isAmbiguous(text: string, cwd: string): boolean {
  if (/^[./~]|:/.test(text) || !existsSync(resolve(cwd, text))) return false;
  return text.endsWith(".charm") || statSync(resolve(cwd, text)).isFile();
}
