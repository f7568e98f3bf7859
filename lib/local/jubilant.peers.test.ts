import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { afterAll, describe, expect, test } from "vitest";
import { helloCharm, helloImage, testController } from "./testdata/kit.ts";

const JUBILANT = "1.14.0";
const cache = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
const folder = join(cache, "charmed-iap", "peers", `jubilant-${JUBILANT}`);
const python = join(folder, "bin", "python");

/** Installs jubilant once per version; answers what is missing where that cannot be. */
async function install(): Promise<string | undefined> {
  if (existsSync(join(folder, "installed"))) return undefined;
  const version = await execa("python3", ["--version"], { reject: false });
  if (version.failed) return "python3 is not on PATH";
  const steps: [string, string[]][] = [
    ["python3", ["-m", "venv", "--clear", folder]],
    [python, ["-m", "pip", "install", "--quiet", `jubilant==${JUBILANT}`]],
    ["touch", [join(folder, "installed")]],
  ];
  for (const [file, args] of steps) {
    const { failed, stderr } = await execa(file, args, { reject: false });
    if (failed) return `${file} ${args.join(" ")}: ${stderr.trim().split("\n").at(-1)}`;
  }
  return undefined;
}

const missing = await install();

describe.skipIf(missing !== undefined)(
  `jubilant ${JUBILANT}${missing ? ` (skipped: ${missing})` : ""}`,
  () => {
    const controller = testController();
    afterAll(() => controller.end(), 60_000);

    test("drives the local model from deploy to destroy", async () => {
      const bin = join(import.meta.dirname, "bin");
      const env = { ...controller.env, PATH: `${bin}${delimiter}${controller.env["PATH"]}` };
      const script = join(import.meta.dirname, "testdata", "drive_jubilant.py");
      const { stdout } = await execa(python, [script, helloCharm, helloImage], { env, extendEnv: false });
      expect(stdout.trim()).toMatch(/done$/);
    }, 180_000);
  },
);
