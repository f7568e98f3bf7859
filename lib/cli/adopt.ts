/** `iap adopt`. */
import { writeFile } from "node:fs/promises";
import { AdoptError, adopt } from "../../charmcraft/adopt/adopt.ts";

/**
 * Writes the contract, and names on standard error what it could not carry over.
 *
 * @returns The exit code: 1 when the source cannot be read, or the file to write exists.
 */
export async function adoptCharm(source: string, { output }: { readonly output?: string }): Promise<number> {
  try {
    const adopted = await adopt(source);
    if (output === undefined) process.stdout.write(adopted.source);
    else await writeFile(output, adopted.source, { flag: "wx" });
    for (const place of adopted.leftOut) console.error(`left out: ${place}`);
    return 0;
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === "EEXIST";
    if (!exists && !(error instanceof AdoptError)) throw error;
    console.error(exists ? `Cannot write "${output}": the file exists` : (error as Error).message);
    return 1;
  }
}
