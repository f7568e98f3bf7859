/** The list of a folder, as Go's file server writes it. */
import { encodePath } from "./target.ts";

/** An entry of a folder. */
export interface Entry {
  /** Bytes as latin1. */
  readonly name: string;
  readonly folder: boolean;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&#34;",
  "'": "&#39;",
};

/** The page with one link for each entry, in the order of their bytes. */
export function listing(entries: readonly Entry[]): Buffer {
  const lines = entries
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, folder }) => {
      const text = folder ? `${name}/` : name;
      const path = encodePath(text);
      const href = path.split("/", 1)[0]?.includes(":") ? `./${path}` : path;
      return `<a href="${href}">${text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "")}</a>\n`;
    });
  const page = `<!doctype html>\n<meta name="viewport" content="width=device-width">\n<pre>\n${lines.join("")}</pre>\n`;
  return Buffer.from(page, "latin1");
}
