/** The written tutorial, followed word for word in a copy of this checkout. */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Fence, pages } from "../../lib/docs/pages.ts";

const root = path.resolve(import.meta.dirname, "../..");
const scratch = mkdtempSync(path.join(tmpdir(), "tutorial-"));
const checkout = path.join(scratch, "charmed-iap");
const state = path.join(scratch, "shell");
/** How long a command whose output is shown may take to say it. */
const PATIENCE_MS = 30_000;

/** What `git clone` would give, uncommitted changes included, with the modules that are installed here. */
beforeAll(() => {
  const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "-z"], {
    cwd: root,
    encoding: "utf8",
  });
  for (const file of files.split("\0").filter((name) => name !== "" && name !== "node_modules")) {
    mkdirSync(path.dirname(path.join(checkout, file)), { recursive: true });
    cpSync(path.join(root, file), path.join(checkout, file));
  }
  symlinkSync(path.join(root, "node_modules"), path.join(checkout, "node_modules"));
  writeFileSync(state, `cd '${checkout}'\n`);
});

afterAll(() => {
  shell("npx iap stop");
  rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
});

/** Runs a block as a person's one terminal would: what it exports and defines is there for the next. */
function shell(text: string): { status: number | null; output: string } {
  const script = `. '${state}'\nset -e\n{ ${text}\n} 2>&1\n{ export -p; declare -f; echo "cd '$PWD'"; } > '${state}'\n`;
  const { status, stdout } = spawnSync("bash", ["-c", script], {
    encoding: "utf8",
    env: {
      HOME: scratch,
      PATH: process.env["PATH"],
      NO_COLOR: "1",
      CHARMED_IAP_STATE: path.join(scratch, "state"),
      XDG_RUNTIME_DIR: scratch,
    },
  });
  return { status, output: stdout };
}

/** Whether every line that the tutorial shows is somewhere in the output; `…` stands for anything. */
function shows(output: string, expected: string): boolean {
  const squeeze = (text: string) => text.replaceAll(/[ \t]+/g, " ").trim();
  const lines = output.split("\n").map(squeeze);
  return expected
    .split("\n")
    .filter((line) => line.trim() !== "")
    .every((line) => {
      const parts = squeeze(line)
        .split("…")
        .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
      return lines.some((found) => new RegExp(parts.join(".*")).test(found));
    });
}

const [tutorial] = pages().filter(({ name }) => name === "tutorial");
const steps = (tutorial?.fences ?? []).filter(({ text }) => !text.startsWith("git clone"));

test.each(steps.map((fence, index) => [fence.line, fence, steps[index + 1]] as const))(
  "line %i",
  async (_line, fence: Fence, next) => {
    if (fence.language === "text") return;
    if (fence.file !== undefined) {
      const file = path.join(checkout, fence.file);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, fence.text);
      return;
    }
    expect(fence.language).toBe("sh");
    const expected = next?.language === "text" ? next.text : "";
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const { status, output } = shell(fence.text);
      if (status === 0 && shows(output, expected)) return;
      // A command that shows nothing changes something: it is not run twice.
      if (expected === "" || Date.now() > deadline)
        throw new Error(`exit code ${status}, the tutorial shows:\n${expected}\nthere was:\n${output}`);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
  },
);
