const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/**
 * Reads a validity: a number with `m`, `h`, `d` or `w`; a plain number means days.
 *
 * @returns Milliseconds, or `undefined` for anything else and for nothing.
 */
export function validityMs(text: string): number | undefined {
  const [, number, unit = "d"] = /^(\d{1,6})\s*([mhdw])?$/.exec(text.trim()) ?? [];
  const ms = Number(number) * UNITS[unit as keyof typeof UNITS];
  return Number.isFinite(ms) && ms > 0 ? ms : undefined;
}

/** Options as the charm has them. */
export interface Validities {
  readonly "ca-common-name": string;
  readonly "ca-country-name": string | undefined;
  readonly "root-ca-validity": string;
  readonly "certificate-validity": string;
}

/** Names of the options whose values cannot be used, sorted. */
export function invalidOptions(config: Validities): string[] {
  const root = validityMs(config["root-ca-validity"]);
  const leaf = validityMs(config["certificate-validity"]);
  const faults = new Set<string>();
  const name = config["ca-common-name"];
  if (name === "" || name.length > 64) faults.add("ca-common-name");
  if (config["ca-country-name"] !== undefined && !/^[A-Za-z]{2}$/.test(config["ca-country-name"])) {
    faults.add("ca-country-name");
  }
  if (root === undefined) faults.add("root-ca-validity");
  if (leaf === undefined) faults.add("certificate-validity");
  if (root !== undefined && leaf !== undefined && root < 2 * leaf) {
    faults.add("certificate-validity").add("root-ca-validity");
  }
  return [...faults].sort();
}
