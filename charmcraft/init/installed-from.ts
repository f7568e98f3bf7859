/** Where npm took a package from. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

interface Installed {
  readonly packages?: Readonly<Record<string, { readonly resolved?: string }>>;
}

/**
 * The archive on this machine that npm installed a package from, as a dependency of another package says it.
 *
 * @param home Folder of the package.
 * @param folder Folder of the other package.
 * @returns `file:` and a path; nothing when it came from a registry, or npm did not install it.
 */
export function installedFrom(home: string, folder: string): string | undefined {
  const modules = path.dirname(home);
  const list = path.join(modules, ".package-lock.json");
  if (!existsSync(list)) return undefined;
  const { packages = {} } = JSON.parse(readFileSync(list, "utf8")) as Installed;
  const [, archive] =
    /^file:(.+)/.exec(packages[`node_modules/${path.basename(home)}`]?.resolved ?? "") ?? [];
  if (archive === undefined) return undefined;
  return `file:${path.relative(folder, path.resolve(path.dirname(modules), archive))}`;
}
