import { readFileSync } from "node:fs";
import type { AnyDatabag, RawDatabag, Side } from "charmed-iap/interface";
import { adapters } from "../golden/adapters/index.ts";
import type { GoldenFile } from "../golden/types.ts";

/** One databag of one side, with what has been seen in it. */
export interface Target {
  readonly name: string;
  readonly databag: AnyDatabag;
  readonly samples: readonly RawDatabag[];
  readonly sets: readonly string[];
  readonly completed: readonly string[];
}

const golden = new URL("../../test/golden/databags/", import.meta.url);

/** Every databag of every interface here; samples are the recorded ones. */
export function targets(): Target[] {
  return Object.entries(adapters).flatMap(([name, adapter]) => {
    const file = JSON.parse(readFileSync(new URL(`${name}.json`, golden), "utf8")) as GoldenFile;
    const versions = new Map(
      [...file.writes, ...file.reads].map((one) => [adapter.sides(one), one] as const),
    );
    const seen = new Map<AnyDatabag, Target>();
    for (const [sides] of versions) {
      for (const role of ["provider", "requirer"] as const) {
        for (const bag of ["app", "unit"] as const) {
          const databag = (sides[role] as Side)[bag];
          const samples = databag === undefined ? [] : samplesOf(file, role, bag);
          if (databag !== undefined && samples.length > 0) {
            seen.set(databag, {
              name: `${name} ${role} ${bag}`,
              databag,
              samples,
              sets: adapter.sets,
              completed: adapter.completed ?? [],
            });
          }
        }
      }
    }
    return [...seen.values()];
  });
}

function samplesOf(file: GoldenFile, role: "provider" | "requirer", bag: "app" | "unit"): RawDatabag[] {
  const written = file.writes.filter((one) => one.role === role);
  const read = file.reads.filter((one) => one.role !== role);
  const all =
    bag === "app"
      ? [...written.map((one) => one.local_app), ...read.map((one) => one.remote_app ?? {})]
      : [
          ...written.map((one) => one.local_unit ?? {}),
          ...read.flatMap((one) => Object.values(one.remote_unit ?? {})),
        ];
  return all.filter((raw) => Object.keys(raw).length > 0);
}
