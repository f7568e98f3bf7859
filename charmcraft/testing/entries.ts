import { openPromise } from "yauzl";

/** An entry of an archive. */
export interface Entry {
  /** The Unix mode, with the kind of file. */
  readonly mode: number;
  readonly bytes: Buffer;
  /** The bytes as text. */
  readonly text: string;
}

/** Name → entry of an archive, in their order. */
export async function entriesOf(file: string): Promise<ReadonlyMap<string, Entry>> {
  const zip = await openPromise(file, { lazyEntries: true });
  const entries = new Map<string, Entry>();
  for await (const entry of zip.eachEntry()) {
    const chunks: Buffer[] = [];
    for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    const mode = entry.externalFileAttributes >>> 16;
    entries.set(entry.fileName, {
      mode,
      bytes,
      get text() {
        return bytes.toString();
      },
    });
  }
  zip.close();
  return entries;
}
