/** `iap init`. */
import path from "node:path";
import { createInterface } from "node:readline/promises";
import { init } from "../../charmcraft/init/init.ts";
import { LICENCES } from "../../charmcraft/init/package-files.ts";
import { reported } from "./report.ts";

/** What was asked for on the command line. */
export interface InitRequest {
  readonly name?: string;
  readonly adopt?: string;
  readonly license?: string;
  readonly package?: string;
}

/**
 * Begins a charm in a folder, and says what to do next. Asks for the licence when a person is there to answer.
 *
 * @returns The exit code: 1 when the name or the licence cannot be, or the folder has files.
 */
export function initCharm(folder: string, request: InitRequest): Promise<number> {
  return reported(async () => {
    const licence = request.license ?? (await askLicence());
    const { name, files, leftOut, isPackage } = await init({
      folder: path.resolve(folder),
      ...(request.name === undefined ? {} : { name: request.name }),
      ...(request.adopt === undefined ? {} : { adopt: request.adopt }),
      ...(licence === undefined ? {} : { licence }),
      ...(request.package === undefined ? {} : { framework: request.package }),
    });
    const where = path.relative(process.cwd(), path.resolve(folder)) || ".";
    for (const place of leftOut) console.error(`left out: ${place}`);
    console.log(`${name} is in ${where}: ${files.join(", ")}`);
    const own = [...(where === "." ? [] : [`cd ${where}`]), "npm install", "npm test", "npx iap pack"];
    const next = isPackage ? own : [`npx vitest run ${where}`, `npx iap pack ${where}`];
    console.log(`Next:\n${next.map((line) => `  ${line}`).join("\n")}`);
  });
}

async function askLicence(): Promise<string | undefined> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return undefined;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`Licence (${LICENCES.join(", ")}) [${LICENCES[0]}]: `);
  terminal.close();
  return answer.trim() || undefined;
}
