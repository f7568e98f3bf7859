/** What a person sees of a page: title, forms, picture and texts. Markup and styles are nobody's contract. @module */

import { VERSION } from "../version.ts";
import { type Places, sameText } from "./places.ts";
import type { Page, PageForm } from "./recording.ts";

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  "#34": '"',
  "#39": "'",
  "#43": "+",
};

/** Text of markup; `&times;` stays, as the recording has it. */
function decoded(text: string): string {
  return text.replace(/&(#?\w+);/g, (whole, name: string) => ENTITIES[name] ?? whole);
}

const clean = (text: string): string => decoded(text).replace(/\s+/g, " ").trim();

function attribute(tag: string, name: string): string | undefined {
  const found = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s>]+))`, "i").exec(tag);
  return found === null ? undefined : decoded(found[1] ?? found[2] ?? found[3] ?? "");
}

function inputOf(tag: string): PageForm["inputs"][number] {
  const type = attribute(tag, "type") ?? "text";
  const value = attribute(tag, "value");
  const base = { name: attribute(tag, "name") ?? "", type };
  return value === undefined || type === "password" ? base : { ...base, value };
}

function formOf([, head = "", content = ""]: RegExpMatchArray): PageForm {
  const button = /<button[^>]*>([\s\S]*?)<\/button>/i.exec(content)?.[1];
  return {
    method: (attribute(head, "method") ?? "GET").toUpperCase(),
    action: attribute(head, "action") ?? "",
    inputs: [...content.matchAll(/<input[^>]*>/gi)].map(([tag]) => inputOf(tag)),
    ...(button === undefined ? {} : { button: clean(button.replace(/<[^>]*>/g, " ")) }),
  };
}

/** What names the program's version; the recorded program has none and says "undefined". */
const VERSION_TEXT = new RegExp(`\\bundefined\\b|${VERSION.replaceAll(".", "\\.")}`);

/** Texts outside buttons; the version of the program is not compared, for the recording has none. */
function textsOf(html: string): string[] {
  const visible = html
    .replace(/<!--[\s\S]*?-->/g, "")
    .replace(/<(head|script|style|button|svg)\b[^>]*>[\s\S]*?<\/\1>/gi, "\n");
  return visible
    .split(/<[^>]*>/)
    .map(clean)
    .filter((text) => text !== "" && !VERSION_TEXT.test(text));
}

/** Reads a page. */
export function readPage(html: string): Page {
  const title = /<title[^>]*>([\s\S]*?)<\/title>/i.exec(html)?.[1];
  const image = /<img[^>]*>/i.exec(html)?.[0];
  const forms = [...html.matchAll(/<form([^>]*)>([\s\S]*?)<\/form>/gi)].map(formOf);
  return {
    title: title === undefined ? "" : clean(title),
    forms,
    image: image === undefined ? (html.includes("<svg") ? "<svg>" : "") : (attribute(image, "src") ?? ""),
    texts: textsOf(html),
  };
}

const list = (value: unknown): string => JSON.stringify(value ?? []);

/** The same texts; where on the page they stand, and the sign that closes a message, is layout. */
function sameTexts(recorded: readonly string[], now: readonly string[], places: Places): boolean {
  const closing = (text: string) => text !== "&times;";
  const wanted = recorded.filter(closing);
  return (
    wanted.length === now.filter(closing).length &&
    wanted.every((text) => now.some((other) => sameText(text, other, places)))
  );
}

/** Where a page differs from the recorded one; undefined when it does not. */
export function pageDifference(recorded: Page, html: string, places: Places): string | undefined {
  const now = readPage(html);
  const texts = (recorded.texts ?? []).filter((text) => !VERSION_TEXT.test(text));
  if ((recorded.title ?? "") !== now.title) return `title: recorded "${recorded.title}", now "${now.title}"`;
  if (list(recorded.forms) !== list(now.forms))
    return `forms: recorded ${list(recorded.forms)}, now ${list(now.forms)}`;
  if (recorded.image !== undefined && recorded.image !== now.image)
    return `image: recorded ${recorded.image}, now ${now.image}`;
  if (sameTexts(texts, now.texts ?? [], places)) return undefined;
  return `texts: recorded ${list(texts)}, now ${list(now.texts)}`;
}
