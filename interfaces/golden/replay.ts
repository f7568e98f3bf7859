import { readdir, readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { type AnyDatabag, decode, encode, type RawDatabag, type Side } from "charmed-iap/interface";
import { adapters } from "./adapters/index.ts";
import { differing, lacking, meaningOf, normal } from "./compare.ts";
import { type Check, type Deviation, deviations, excuse } from "./deviations.ts";
import type { Adapter, GoldenFile, ReadCase, WriteCase } from "./types.ts";

/** How many cases of one check went which way. */
export interface Counts {
  passed: number;
  failed: number;
  /** Excused by a row of the README's table. */
  excused: number;
  /** There is nothing to compare: the recording failed, or says nothing. Ours answered with a state. */
  stateOnly: number;
}

/** What replaying one file gave. */
export interface FileReport {
  readonly file: string;
  readonly counts: Readonly<Record<Check, Counts>>;
  /** Reads with nothing to compare, by the state ours ended in. */
  readonly states: Readonly<Record<string, number>>;
  /** Every difference that no row excuses, and every row that excuses nothing. */
  readonly differences: readonly string[];
}

/**
 * Replays a folder of recorded databags, one file an interface, through ours. Files of interfaces that are not here
 * are reported in `unknown`.
 */
export async function replayDatabags(folder: string): Promise<{ files: FileReport[]; unknown: string[] }> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".json")).sort();
  const files: FileReport[] = [];
  const unknown: string[] = [];
  for (const name of names) {
    const adapter = adapters[name.replace(/\.json$/, "")];
    if (adapter === undefined) unknown.push(name);
    else files.push(await replayFile(pathToFileURL(`${folder}/${name}`), adapter));
  }
  return { files, unknown };
}

async function replayFile(url: URL, adapter: Adapter): Promise<FileReport> {
  const golden = JSON.parse(await readFile(url, "utf8")) as GoldenFile;
  const rows = await deviations(new URL(`../${adapter.readme}/README.md`, import.meta.url));
  const tally = new Tally(rows);
  for (const one of golden.writes) {
    tally.add("their writes read", one.case, theirWrite(one, adapter));
    tally.add("written", one.case, await ourWrite(one, adapter));
  }
  const states: Record<string, number> = {};
  for (const one of golden.reads) {
    const state = statesOf(one, adapter);
    const verdict = ourRead(one, adapter);
    if (verdict === "state") states[state] = (states[state] ?? 0) + 1;
    tally.add("read", one.case, verdict);
  }
  return {
    file: url.pathname.split("/").at(-1) ?? "",
    counts: tally.counts,
    states,
    differences: tally.finish(),
  };
}

/** A difference, nothing to compare, or agreement. */
type Verdict = { readonly difference: string } | "state" | "same";

class Tally {
  readonly counts: Record<Check, Counts>;
  readonly #differences: string[] = [];
  readonly #rows: readonly Deviation[];

  constructor(rows: readonly Deviation[]) {
    const none = (): Counts => ({ passed: 0, failed: 0, excused: 0, stateOnly: 0 });
    this.counts = { "their writes read": none(), written: none(), read: none() };
    this.#rows = rows;
  }

  add(check: Check, name: string, verdict: Verdict): void {
    const counts = this.counts[check];
    if (verdict === "same") counts.passed += 1;
    else if (verdict === "state") counts.stateOnly += 1;
    else {
      const row = excuse(this.#rows, check, name);
      counts[row === undefined ? "failed" : "excused"] += 1;
      if (row === undefined) this.#differences.push(`${check}: ${name}: ${verdict.difference}`);
      else row.used += 1;
    }
  }

  finish(): string[] {
    const idle = this.#rows.filter(({ used }) => used === 0);
    return [...this.#differences, ...idle.map((row) => `${row.check}: row "${row.case}" excuses nothing`)];
  }
}

/** What the other side wrote must be read with the values that its text stands for. */
function theirWrite(one: WriteCase, adapter: Adapter): Verdict {
  const side = adapter.sides(one)[one.role];
  const bags: [AnyDatabag | undefined, RawDatabag][] = [
    [side.app, one.local_app],
    [side.unit, one.local_unit ?? {}],
  ];
  let compared = 0;
  for (const [databag, raw] of bags) {
    if (Object.keys(raw).length === 0) continue;
    if (databag === undefined)
      return { difference: `ours has no databag for ${JSON.stringify(raw).slice(0, 200)}` };
    const found = readAs(databag, raw, adapter);
    if (found !== undefined) return { difference: found };
    compared += 1;
  }
  return compared > 0 ? "same" : "state";
}

function readAs(databag: AnyDatabag, raw: RawDatabag, adapter: Adapter): string | undefined {
  const decoded = decode(databag, raw);
  if (decoded.state === "invalid") return `invalid: ${JSON.stringify(decoded.issues)}`;
  // Not everything is there yet, which is right only where Python's reader waits as well.
  if (decoded.state === "pending") return databag.awaits.some((key) => !(key in raw)) ? undefined : "pending";
  const data = decoded.data as Record<string, unknown>;
  for (const [key, text] of Object.entries(raw)) {
    const theirs = normal(meaning(adapter, key, text), adapter.sets, key);
    const ours = normal(data[key], adapter.sets, key);
    const found = data[key] === text ? undefined : lacking(ours, theirs, key);
    if (found !== undefined) return found;
  }
  return undefined;
}

function meaning(adapter: Adapter, key: string, text: string): unknown {
  return adapter.meaning === undefined ? meaningOf(text) : adapter.meaning(key, text);
}

/** For the same inputs ours must write databags of the same meaning. */
async function ourWrite(one: WriteCase, adapter: Adapter): Promise<Verdict> {
  const side = adapter.sides(one)[one.role];
  const ours = await published(one, side, adapter);
  const theirs = { app: one.local_app, unit: one.local_unit ?? {} };
  const found = differing(meanings(ours, adapter), meanings(theirs, adapter));
  return found === undefined ? "same" : { difference: found };
}

type Both = { readonly app: RawDatabag; readonly unit: RawDatabag };

async function published(one: WriteCase, side: Side, adapter: Adapter): Promise<Both> {
  const before: Both = { app: one.given.local_app_before ?? {}, unit: one.given.local_unit_before ?? {} };
  try {
    const data = await adapter.publish(one);
    if (data === undefined) return before;
    const write = (databag: AnyDatabag | undefined, value: unknown): RawDatabag =>
      databag === undefined || value === undefined ? {} : encode(databag, value as never);
    return { app: one.given.leader ? write(side.app, data.app) : {}, unit: write(side.unit, data.unit) };
  } catch {
    return before; // Refused: nothing is sent, whether ours refuses where theirs does is what is compared.
  }
}

function meanings(both: Both, adapter: Adapter): unknown {
  const written = (key: string, text: string) => adapter.written?.(key, text) ?? meaning(adapter, key, text);
  const of = (raw: RawDatabag) =>
    Object.fromEntries(
      Object.entries(raw).map(([key, text]) => [key, normal(written(key, text), adapter.sets, key)]),
    );
  return { app: of(both.app), unit: of(both.unit) };
}

/** The state that a charm sees: that of the application databag, or the best of the units' where there is none. */
function statesOf(one: ReadCase, adapter: Adapter): string {
  const other = adapter.sides(one)[one.role === "provider" ? "requirer" : "provider"];
  const unit = other.unit;
  const units =
    unit === undefined ? [] : Object.values(one.remote_unit ?? {}).map((raw) => decode(unit, raw).state);
  const app = other.app === undefined ? "pending" : decode(other.app, one.remote_app ?? {}).state;
  return app === "pending" && units.includes("ready") ? "ready" : app;
}

/** Where Python parses, ours must give the same; everything else must end in a state and not in an exception. */
function ourRead(one: ReadCase, adapter: Adapter): Verdict {
  const pair = adapter.understood(one);
  if (pair === undefined) return "state";
  const found = differing(normal(pair.ours, adapter.sets), normal(pair.theirs, adapter.sets));
  return found === undefined ? "same" : { difference: found };
}
