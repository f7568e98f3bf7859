/**
 * What a hook costs, ours beside ops, in one run: the same small charm in both, written the ordinary way, run as the unit
 * agent runs it (dispatch script, clean environment), with the same hook commands and the same Pebble. Prints Markdown.
 *
 *   npm run bench:hooks                       25 rounds
 *   npm run bench:hooks -- --runs 100         more of them
 *   npm run bench:hooks -- --only socket      rows whose name matches, beside ops
 *   npm run bench:hooks -- --write README.md  puts the table between its marks in that file
 *
 * Needs a C compiler, and Python 3 with `venv`; ops is installed once into the cache of peers.
 *
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, cpus, tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { inTurn, median, ratio, type Sample } from "./measure.ts";
import { OPS_VERSION } from "./peers.ts";
import { NAMES, openStage } from "./stage.ts";
import { writeTable } from "./write-table.ts";

const { values } = parseArgs({
  options: { runs: { type: "string", default: "25" }, write: { type: "string" }, only: { type: "string" } },
});
const rounds = Number(values.runs);

type Samples = ReadonlyMap<string, readonly Sample[]>;

/** What is compared, with what, and how much of it may be used. */
const TARGETS: readonly { name: string; to: string; most: number }[] = [
  { name: NAMES.executables2, to: NAMES.ops2, most: 0.5 },
  { name: NAMES.executables20, to: NAMES.ops20, most: 0.5 },
  { name: NAMES.socket, to: NAMES.ops2, most: 0.25 },
  { name: NAMES.proxySocket, to: NAMES.ops2, most: 0.45 },
];

/** MiB that ours may take beside what ops takes. */
const MEMORY_TARGET_MIB = 25;

function table(samples: Samples, commands: ReadonlyMap<string, number>): string {
  const ops = samples.get(NAMES.ops2) ?? [];
  const lines = [...samples].map(([name, taken]) => {
    const target = TARGETS.find((one) => one.name === name);
    const to = samples.get(target?.to ?? NAMES.ops2) ?? ops;
    const share = (key: "wall" | "cpu") => ratio(taken, to, key).toFixed(2);
    const of = (key: keyof Sample) => median(taken.map((one) => one[key])).toFixed(key === "memory" ? 0 : 1);
    const met =
      target === undefined ? "" : `≤ ${target.most}: ${verdict(ratio(taken, to, "wall") <= target.most)}`;
    return `| ${[name, commands.get(name) ?? "", of("wall"), of("cpu"), of("memory"), share("wall"), share("cpu"), met].join(" | ")} |`;
  });
  const memory = (name: string) => median((samples.get(name) ?? []).map((one) => one.memory));
  const more = memory(NAMES.socket) - median(ops.map((one) => one.memory));
  return [
    "| Hook | Commands | Wall, ms | CPU, ms | Memory, MiB | Wall ÷ ops | CPU ÷ ops | Target |",
    "|---|--:|--:|--:|--:|--:|--:|---|",
    ...lines,
    "",
    `Medians of ${rounds} runs in turn; ratios are medians of the ratio in each round, to the small charm of ops ${OPS_VERSION} with the same cost of a command. ` +
      `Memory beside ops: ${more >= 0 ? "+" : "−"}${Math.abs(more).toFixed(0)} MiB, at most +${MEMORY_TARGET_MIB}: ${verdict(more <= MEMORY_TARGET_MIB)}. ` +
      `Node.js ${process.versions.node}, ${availableParallelism()} × ${cpus()[0]?.model.trim() ?? "unknown processor"}.`,
  ].join("\n");
}

const verdict = (met: boolean): string => (met ? "met" : "missed");

const folder = await mkdtemp(path.join(tmpdir(), "iap-bench-"));
try {
  const stage = await openStage(folder);
  try {
    const wanted = new RegExp(values.only ?? "");
    const subjects = stage.subjects.filter(
      ({ name }) => [NAMES.ops2, NAMES.ops20].includes(name as never) || wanted.test(name),
    );
    const samples = await inTurn(stage.measurer, subjects, rounds);
    const text = table(samples, stage.commands);
    console.log(text);
    if (values.write !== undefined) writeTable(values.write, "bench:hooks", text);
  } finally {
    await stage.close();
  }
} finally {
  await rm(folder, { recursive: true });
}
