/** Most bytes of one recording; of a hook that said more there is none. */
export const MAX_BYTES = 4 * 1024 * 1024;
/** Most recordings in a folder; the oldest goes. */
export const MAX_FILES = 50;

const NAME = /^\d{8}T\d{9}Z-[a-z0-9-]+-[0-9a-f]{6}\.json$/;

/**
 * Writes a recording, readable by its owner only, and removes the oldest ones. Readers never see half of it.
 *
 * @param folder Made with mode 0700 when it is missing.
 * @param event Name of the hook or action.
 * @returns Absolute path.
 */
export function writeRecording(folder: string, started: number, event: string, text: string): string {
  const fs = process.getBuiltinModule("node:fs");
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const time = new Date(started).toISOString().replace(/[-:.]/g, "");
  const name =
    event
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .slice(0, 80) || "hook";
  const suffix = Math.floor(Math.random() * 0x1000000)
    .toString(16)
    .padStart(6, "0");
  const file = `${folder}/${time}-${name}-${suffix}.json`;
  const partial = `${file}.partial`;
  fs.writeFileSync(partial, text, { mode: 0o600, flag: "wx" });
  fs.renameSync(partial, file);
  // What a killed hook left half written is older than any hook that runs now: one runs at a time.
  for (const left of fs.readdirSync(folder)) {
    if (left.endsWith(".json.partial") && NAME.test(left.slice(0, -".partial".length)))
      fs.rmSync(`${folder}/${left}`, { force: true });
  }
  const recordings = fs.readdirSync(folder).filter((one) => NAME.test(one));
  for (const old of recordings.sort().slice(0, -MAX_FILES)) fs.rmSync(`${folder}/${old}`, { force: true });
  return file;
}
