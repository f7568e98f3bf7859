import type { CharmContract } from "./contract.ts";

/** Keys of `charmcraft.yaml` that a contract has no member for: they go into its `extra`. */
export const EXTRA_KEYS = [
  "adopt-info analysis base bases build-base charm-libs charmhub extensions package-repositories parts platforms",
  "terms",
].flatMap((line) => line.split(" "));
/** Keys of the old format; with containers or assumptions Juju calls the metadata ambiguous. */
const OLD_KEYS = ["series", "min-juju-version", "deployment"];
const LINKS = ["contact", "documentation", "issues", "source", "website"];

/** YAML of version 1.1 begins a new line after each. */
const LINE_BREAK = /[\n\r\u0085\u2028\u2029]/;
const TERM_NAME = "[a-z](?:-?[a-z0-9])+";
const TERM = new RegExp(`^(?:${TERM_NAME}:)?(?:[a-zA-Z0-9][a-zA-Z0-9.+-]*/)?${TERM_NAME}(?:/\\d+)?$`);
const ARCHITECTURE = /^(?:[a-z]+@[\d.]+:)?(?:amd64|arm64|armhf|i386|ppc64el|riscv64|s390x)$/;
const RELEASE = /^ubuntu@(\d\d)\.(04|10)$/;
/** Bases that the older key `bases` may name, and that the packed Node.js runs on. */
const OLD_BASES = ["ubuntu@20.04", "ubuntu@22.04"];

/**
 * Faults of what is said about a charm, and of how it is packed.
 *
 * @see Charmcraft: charmcraft.yaml; Juju: charm metadata, terms and bases
 */
export function checkAbout(contract: CharmContract): readonly string[] {
  return [...checkTexts(contract), ...checkLinks(contract), ...checkExtra(contract.extra ?? {})];
}

function checkTexts({ name, title, summary }: CharmContract): readonly string[] {
  return [
    ...(name.length > 40 ? [`charm "${name}": the name must have at most 40 characters (charm-name)`] : []),
    ...(title !== undefined && (title.length < 2 || title.length > 40)
      ? ["title: must have 2 to 40 characters (title)"]
      : []),
    ...(LINE_BREAK.test(summary) ? ["summary: must be one line (summary)"] : []),
    ...(summary.length > 200 ? ["summary: must have at most 200 characters (summary)"] : []),
  ];
}

function checkLinks({ links = {} }: CharmContract): readonly string[] {
  return Object.entries(links).flatMap(([name, value]) => {
    if (!LINKS.includes(name)) return [`link "${name}": must be one of ${LINKS.join(", ")} (links)`];
    if (name === "contact") return [];
    const addresses: readonly unknown[] = Array.isArray(value) ? value : [value];
    const wrong = addresses.filter((address) => !isAddress(address));
    return wrong.map((address) => `link "${name}": must be a URL of http or https, is "${address}" (links)`);
  });
}

function isAddress(text: unknown): boolean {
  return typeof text === "string" && ["http:", "https:"].includes(URL.parse(text)?.protocol ?? "");
}

type Extra = NonNullable<CharmContract["extra"]>;

function checkExtra(extra: Extra): readonly string[] {
  const terms = extra["terms"];
  return [
    ...Object.keys(extra).flatMap(checkKey),
    ...checkBase(extra),
    ...checkPlatforms(extra["platforms"]),
    ...(isEmpty(extra["parts"]) ? ['extra: "parts" must have at least one part (parts)'] : []),
    ...(Array.isArray(terms) ? terms : [])
      .filter((term) => !TERM.test(String(term)))
      .map((term) => `term "${term}": must be a name, an owner/name, or one with /revision (terms)`),
  ];
}

function checkKey(key: string): readonly string[] {
  if (OLD_KEYS.includes(key))
    return [`extra: "${key}" must not be there: it is of the old format (metadata-format)`];
  return EXTRA_KEYS.includes(key)
    ? []
    : [
        `extra: "${key}" must be a member of the contract itself, or one of ${EXTRA_KEYS.join(", ")} (extra-key)`,
      ];
}

function checkBase(extra: Extra): readonly string[] {
  const { base, bases } = extra;
  if (bases !== undefined)
    return checkOldBases(bases, base !== undefined || extra["platforms"] !== undefined);
  if (base === undefined) return [];
  const [, year, month] = RELEASE.exec(String(base)) ?? [];
  if (year === undefined || Number(year) < 20)
    return [`extra: "base" must be ubuntu@20.04 or a later release, is "${base}" (base)`];
  const isLongTerm = month === "04" && Number(year) % 2 === 0;
  return isLongTerm || extra["build-base"] !== undefined
    ? []
    : [`extra: "base" ${base} must have a "build-base" beside it (base)`];
}

interface OldBase {
  readonly name?: unknown;
  readonly channel?: unknown;
  readonly "run-on"?: readonly OldBase[];
}

function checkOldBases(bases: unknown, isBesideNew: boolean): readonly string[] {
  const list: readonly OldBase[] = Array.isArray(bases) ? bases : [];
  const wrong = list
    .flatMap((entry) => entry["run-on"] ?? [entry])
    .map(({ name, channel }) => `${name}@${channel}`)
    .filter((base) => !OLD_BASES.includes(base));
  return [
    ...(isBesideNew ? ['extra: "bases" must not be beside "base" or "platforms" (base)'] : []),
    ...(list.length === 0 ? ['extra: "bases" must be a list of at least one (base)'] : []),
    ...wrong.map(
      (base) => `extra: "bases" must be of ${OLD_BASES.join(", ")}, not ${base}: say "base" (base)`,
    ),
  ];
}

function checkPlatforms(platforms: unknown): readonly string[] {
  if (platforms === undefined) return [];
  if (isEmpty(platforms)) return ['extra: "platforms" must name at least one (platforms)'];
  return Object.entries(platforms as object)
    .filter(([name, value]) => !value && !ARCHITECTURE.test(name))
    .map(
      ([name]) => `platform "${name}": must be an architecture, or have build-on and build-for (platforms)`,
    );
}

function isEmpty(value: unknown): boolean {
  return value === null || (typeof value === "object" && Object.keys(value).length === 0);
}
