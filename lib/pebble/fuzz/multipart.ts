/**
 * Fuzz target: bytes of any kind are parts or a `MultipartFault`; parts written by us read back to themselves.
 *
 * `node --conditions=charmed-iap:source lib/pebble/fuzz/multipart.ts [--runs N | --seconds N] [--seed N]`
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import { formatMultipart, MultipartFault, parseMultipart } from "../multipart.ts";
import { fuzz, type Random } from "./run.ts";

const BOUNDARY = "boundary-boundary-boundary-boundary";
const PIECES = [
  "\r\n",
  "\r",
  "\n",
  "--",
  `--${BOUNDARY}`,
  `\r\n--${BOUNDARY}`,
  "--\r\n",
  ":",
  ";",
  '"',
  "\\",
  " ",
  "\t",
].concat(["Content-Disposition: form-data", 'name="files"', 'filename="/a"', "a", "\0", "é", "=", "%0A"]);

function roundTrip(random: Random): void {
  const parts = Array.from({ length: 1 + random.below(3) }, () => ({
    name: random.pick(["request", "files", "x"]),
    filename: `/${random.text(['"', "\\", " ", "é", "a", ";", "=", "'", "/"], 8)}`,
    content: Buffer.from(
      random.text(
        PIECES.filter((piece) => !piece.includes(BOUNDARY)),
        12,
      ),
    ),
  }));
  const read = parseMultipart(formatMultipart(parts, BOUNDARY), BOUNDARY);
  const shown = read.map(({ name, filename, content }) => ({
    name,
    filename,
    content: Buffer.from(content),
  }));
  if (!isDeepStrictEqual(shown, parts)) throw new Error(`not the same: ${JSON.stringify({ shown, parts })}`);
}

await fuzz("multipart", (random) => {
  roundTrip(random);
  try {
    parseMultipart(Buffer.from(random.text(PIECES, 60)), BOUNDARY);
  } catch (error) {
    if (!(error instanceof MultipartFault)) throw error;
  }
});
