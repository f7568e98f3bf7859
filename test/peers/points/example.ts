import { mkdir, mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

const EXAMPLES = path.resolve(import.meta.dirname, "../../../workload/forward-auth/examples");

/** Where the parts of an example are, for one run. */
export interface Places {
  readonly web: number;
  readonly decisions: number;
  readonly grpc: number;
  readonly application: number;
  readonly issuer: string;
}

/** The example's text with this run's ports instead of its own; nothing else changes. */
export function placed(text: string, { web, decisions, grpc, application, issuer }: Places): string {
  const ports = { 8080: web, 4180: decisions, 4190: grpc, 8081: application };
  return text
    .replaceAll("http://id.localhost:9000", issuer)
    .replaceAll("app.localhost", "127.0.0.1")
    .replace(
      /(127\.0\.0\.1:|port_value: |number: )(8080|4180|4190|8081)\b/g,
      (_, before: string, port: string) => before + ports[Number(port) as keyof typeof ports],
    );
}

/** Text of one file of an example. */
export const exampleText = (example: string, file: string): Promise<string> =>
  readFile(path.join(EXAMPLES, example, file), "utf8");

/** Copies an example into a new folder. @returns The folder. */
export async function copyExample(example: string, places: Places): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), `example-${example}-`));
  const entries = await readdir(path.join(EXAMPLES, example), { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    if (!entry.isFile() || entry.name === "README.md") continue;
    const file = path.relative(path.join(EXAMPLES, example), path.join(entry.parentPath, entry.name));
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), placed(await exampleText(example, file), places));
  }
  return folder;
}
