/** The files Juju reads of a charm, as charmcraft makes them of `charmcraft.yaml`. */
import { BASE, platformBases } from "../lib/charm/build-keys.ts";
import type { Charmcraft } from "../lib/charm/charmcraft.ts";
import type { Architecture } from "./runtime.ts";

/** Keys that are in `metadata.yaml` as they are in `charmcraft.yaml`. */
const KEPT = [
  "name summary description assumes charm-user containers devices extra-bindings peers provides requires",
  "resources storage subordinate terms",
].flatMap((line) => line.split(" "));

/**
 * File name → content: `metadata.yaml`, `manifest.yaml`, and `config.yaml` and `actions.yaml` when there is something
 * to say.
 *
 * @see Charmcraft: metadata.yaml (`title` becomes `display-name`, `links` become keys of their own); Juju: the manifest
 */
export function metadataFiles(
  charmcraft: Charmcraft,
  architectures: readonly Architecture[],
): Readonly<Record<string, unknown>> {
  return {
    "metadata.yaml": metadata(charmcraft),
    ...("config" in charmcraft ? { "config.yaml": charmcraft["config"] } : {}),
    ...("actions" in charmcraft ? { "actions.yaml": charmcraft["actions"] } : {}),
    "manifest.yaml": manifest(basesOf(charmcraft)[0], architectures),
  };
}

function metadata(charmcraft: Charmcraft): Charmcraft {
  const { contact, documentation, ...links } = (charmcraft["links"] ?? {}) as Readonly<
    Record<string, unknown>
  >;
  const named = {
    "display-name": charmcraft["title"],
    maintainers: typeof contact === "string" ? [contact] : contact,
    docs: documentation,
    ...links,
  };
  const kept = Object.entries(charmcraft).filter(([key]) => KEPT.includes(key));
  return Object.fromEntries([...kept, ...Object.entries(named).filter(([, value]) => value !== undefined)]);
}

type Base = Readonly<Record<string, unknown>>;

/** The bases that a charm runs on, `ubuntu@24.04`, in whichever of charmcraft's three ways they are said. */
export function basesOf(charmcraft: Charmcraft): readonly [string, ...string[]] {
  if (typeof charmcraft["base"] === "string") return [charmcraft["base"]];
  const old = ((charmcraft["bases"] as readonly Base[] | undefined) ?? []).flatMap(
    (base) => (base["run-on"] as readonly Base[] | undefined) ?? [base],
  );
  const [first = BASE, ...more] = [
    ...platformBases(charmcraft["platforms"]),
    ...new Set(old.map(({ name, channel }) => `${name}@${channel}`)),
  ];
  return [first, ...more];
}

/** What charmcraft's own checks find in a charm that is not written in Python stands in `analysis`. */
function manifest(base: string, architectures: readonly Architecture[]): Charmcraft {
  const [name = "", channel = ""] = base.split("@");
  return {
    analysis: { attributes: ["language", "framework"].map((about) => ({ name: about, result: "unknown" })) },
    bases: [{ name, channel, architectures }],
  };
}
