/** What a measurement is and what it comes to. */
import type { Bench } from "./bench.ts";
import type { Summary } from "./compare.ts";
import type { SubjectName } from "./subjects.ts";

/** One line of the table. */
export interface Row {
  /** `W2`, `W7 ES256, 10,000 tokens`. */
  readonly label: string;
  readonly unit: string;
  /** Values by subject. */
  readonly values: Readonly<Partial<Record<SubjectName, number>>>;
  /** Ours over oauth2-proxy's, or the other way round where less is better. More than 1: ours is better. */
  readonly ratio?: number;
  /** Ours over the bare server's. */
  readonly ofBare?: number;
  /** What was aimed at, in words. */
  readonly target?: string;
  readonly met?: boolean;
  readonly note?: string;
}

/** What a measurement came to. */
export interface Result {
  readonly rows: readonly Row[];
  /** Everything measured, for the file of results. */
  readonly raw?: unknown;
}

/** Something that is measured. */
export interface Measurement {
  /** `W2`. */
  readonly id: string;
  readonly about: string;
  /** False: left out of `--quick`, for it takes long. */
  readonly quick: boolean;
  run(bench: Bench): Promise<Result>;
}

/** Rates of the subjects as a row. */
export function rateRow(
  label: string,
  found: Readonly<Partial<Record<SubjectName, Summary>>>,
  target: { readonly ratio?: number; readonly ofBare?: number } = {},
): Row {
  const { ours, bare, "oauth2-proxy": upstream } = found;
  const ratio = ours && upstream ? ours.rate / upstream.rate : undefined;
  const ofBare = ours && bare ? ours.rate / bare.rate : undefined;
  const aims = [
    ...(target.ratio === undefined ? [] : [`≥ ${target.ratio} ×`]),
    ...(target.ofBare === undefined ? [] : [`≥ ${target.ofBare * 100} % of bare`]),
  ];
  const met = (ratio ?? 0) >= (target.ratio ?? 0) && (ofBare ?? 0) >= (target.ofBare ?? 0);
  return {
    label,
    unit: "answers/s",
    values: Object.fromEntries(Object.entries(found).map(([name, { rate }]) => [name, Math.round(rate)])),
    ...(ratio === undefined ? {} : { ratio }),
    ...(ofBare === undefined ? {} : { ofBare }),
    ...(aims.length === 0 ? {} : { target: aims.join(", "), met }),
  };
}
