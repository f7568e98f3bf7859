import { createRequire } from "node:module";
import type { CharmContract } from "./contract.ts";

/** The base that charms run on, unless their contract says another in `extra`. */
export const BASE = "ubuntu@24.04";

/**
 * The keys of `charmcraft.yaml` that say how to pack the folder with the ordinary charmcraft: for which machines, and a
 * part that takes the framework from npm and lets `iap build` lay out the charm as `iap pack` does.
 *
 * What the contract has in `extra` wins over these; `base` is left out when the platforms there name theirs, and
 * `platforms` too with the older `bases`: charmcraft takes one of the three.
 *
 * @see Charmcraft: charmcraft.yaml, platforms and parts; Craft Parts: the nil plugin and override-build
 */
export function buildKeys({ extra = {} }: CharmContract): Readonly<Record<string, unknown>> {
  const base = platformBases(extra["platforms"]).length === 0 ? { base: BASE } : {};
  const machines = "bases" in extra ? {} : { ...base, platforms: { amd64: null, arm64: null } };
  return { ...machines, parts: { charm: part() }, ...extra };
}

/** Bases that platforms name, each once: in their own name, `ubuntu@22.04:amd64`, or in what they are built for. */
export function platformBases(platforms: unknown): readonly string[] {
  const named = Object.entries((platforms as Platforms | undefined) ?? {}).flatMap(([name, platform]) => [
    name,
    ...[platform?.["build-for"] ?? []].flat(),
  ]);
  return [...new Set(named.flatMap((name) => /^([^:]+@[^:]+):/.exec(name)?.[1] ?? []))];
}

type Platforms = Readonly<Record<string, { readonly "build-for"?: string | readonly string[] } | null>>;

function part(): Readonly<Record<string, unknown>> {
  return {
    plugin: "nil",
    source: ".",
    "build-snaps": ["node/24/stable"],
    "override-build": script(),
  };
}

/** A charm that is no npm package of its own, as one of several in a repository, gets a `package.json` here. */
function script(): string {
  const { version } = createRequire(import.meta.url)("charmed-iap/package.json") as { version: string };
  const own = JSON.stringify({ private: true, type: "module", dependencies: { "charmed-iap": version } });
  return [
    `[ -e package.json ] || echo '${own}' > package.json`,
    "if [ -e package-lock.json ]; then npm ci; else npm install; fi",
    'node_modules/.bin/iap build . "$CRAFT_PART_INSTALL" --build-for "$CRAFT_ARCH_BUILD_FOR"',
    "",
  ].join("\n");
}
