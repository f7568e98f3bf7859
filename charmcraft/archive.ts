/** A `.charm`: a zip of a built charm, whose bytes depend on its files alone. */
import { createWriteStream } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import yazl from "yazl";

/** The same for every file: the first moment that a zip can tell, in local time as a zip has it. */
const TIME = new Date(1980, 0, 1);

/**
 * Compressing Node.js is half of the time that packing takes: 126 MB become 50 MB in three quarters of the time that level
 * 4 needs for 47 MB, and in two fifths of what zlib's own level 6 needs for 46 MB.
 */
const COMPRESSION_LEVEL = 1;

/**
 * Writes the files of a folder into a zip, sorted by name, links followed, with the mode bits Juju needs: 755 for what
 * can be executed, 644 for the rest. Equal files make equal bytes.
 *
 * @param directory Absolute path.
 * @param file Absolute path of the archive; overwritten.
 * @see Juju: the charm archive (Unix modes are in the external attributes)
 */
export async function writeArchive(directory: string, file: string): Promise<void> {
  const zip = new yazl.ZipFile();
  const written = pipeline(zip.outputStream, createWriteStream(file));
  zip.on("error", (error: Error) =>
    (zip.outputStream as unknown as { destroy(error: Error): void }).destroy(error),
  );
  for (const name of await filesIn(directory)) {
    const source = path.join(directory, name);
    const executable = ((await stat(source)).mode & 0o111) !== 0;
    // Whole, not as a stream: a fifth less work, and the sizes stand before the bytes.
    zip.addBuffer(await readFile(source), name.split(path.sep).join("/"), {
      mtime: TIME,
      mode: executable ? 0o100755 : 0o100644,
      compressionLevel: COMPRESSION_LEVEL,
      forceDosTimestamp: true,
    });
  }
  zip.end();
  await written;
}

/** Paths of all files below a folder, sorted by their bytes. */
async function filesIn(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)))
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}
