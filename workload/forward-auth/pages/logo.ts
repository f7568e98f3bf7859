/** The picture on the sign-in page. */
import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { escapeMarkup } from "../template/escape.ts";

/** A picture as a page needs it. */
export interface Logo {
  /** An element; empty: no picture. */
  readonly html: string;
  /** Where the picture comes from, for the page's policy. */
  readonly source: readonly string[];
}

const OWN = `<svg viewBox="0 0 48 48" role="img" aria-label="Sign in" fill="none" stroke="currentColor" stroke-width="3.5" stroke-linecap="round" stroke-linejoin="round"><path d="M24 4 40 10v12c0 11-6.5 18-16 22C14.5 40 8 33 8 22V10z"/><circle cx="24" cy="20" r="4.5"/><path d="M24 24.5V32"/></svg>`;

const TYPES: ReadonlyMap<string, string> = new Map([
  [".svg", "image/svg+xml"],
  [".png", "image/png"],
  [".jpg", "image/jpeg"],
  [".jpeg", "image/jpeg"],
]);

const picture = (source: string): string => `<img src="${escapeMarkup(source)}" alt="Sign in">`;

/**
 * Reads `custom_sign_in_logo`: empty for our own, `-` for none, an `https://` URL, or a file. Files become part of the page as
 * pictures; a script in an SVG does not run there.
 *
 * @throws {RangeError} When the file cannot be read or is no picture that we know.
 */
export function readLogo(option: string): Logo {
  if (option === "") return { html: OWN, source: [] };
  if (option === "-") return { html: "", source: [] };
  if (option.startsWith("https://")) {
    if (!URL.canParse(option)) throw new RangeError(`"${option}" is no URL`);
    return { html: picture(option), source: [new URL(option).origin] };
  }
  const type = TYPES.get(extname(option).toLowerCase());
  if (type === undefined) throw new RangeError(`"${option}" must end with ${[...TYPES.keys()].join(", ")}`);
  try {
    const data = readFileSync(option).toString("base64");
    return { html: picture(`data:${type};base64,${data}`), source: ["data:"] };
  } catch (error) {
    throw new RangeError(`"${option}" must be readable, is not: ${(error as NodeJS.ErrnoException).code}`);
  }
}
