/**
 * Where in a page a piece of text ends, and so how a value that follows must be escaped.
 *
 * Scripts are followed by their quotes and comments; where those are not certain, values are refused.
 *
 * @see HTML: tokenization; Go html/template: contexts
 */

/** What an attribute's value is. */
export type AttributeKind = "plain" | "url" | "script" | "style";

/** A place in a page. */
export interface Place {
  readonly state:
    | "text"
    | "raw-text"
    | "script"
    | "style"
    | "comment"
    | "tag-name"
    | "tag"
    | "attribute-name"
    | "after-name"
    | "before-value"
    | "value";
  /** The element whose tag is open, or whose text this is; only those that matter. */
  readonly element: string;
  readonly attribute: AttributeKind;
  /** The quote that ends the value; empty: a blank does. */
  readonly quote: "" | '"' | "'";
  /** In a script: the quote of the text that is open, a comment, what may be a regular expression, or neither. */
  readonly script: "" | '"' | "'" | "`" | "//" | "/*" | "/" | "unknown";
  /** In a URL: nothing yet, what may still be its scheme, before or behind its `?`. */
  readonly url: "start" | "open" | "path" | "query";
}

/** The beginning of a page. */
export const START: Place = {
  state: "text",
  element: "",
  attribute: "plain",
  quote: "",
  script: "",
  url: "start",
};

const RAW: ReadonlyMap<string, Place["state"]> = new Map([
  ["script", "script"],
  ["style", "style"],
  ["title", "raw-text"],
  ["textarea", "raw-text"],
]);

const URLS = new Set([
  "action",
  "cite",
  "data",
  "formaction",
  "href",
  "poster",
  "src",
  "background",
  "xlink:href",
]);

function attributeKind(name: string): AttributeKind {
  const bare = name.toLowerCase().replace(/^data-/, "");
  if (bare.startsWith("on") || bare === "srcdoc") return "script";
  if (bare === "style") return "style";
  return URLS.has(bare) || /ur[il]/.test(bare) ? "url" : "plain";
}

/** One step: where the text from `at` leads, and how much of it that used. */
type Step = (place: Place, text: string, at: number) => { readonly place: Place; readonly end: number };

/** The place of the first match, or of the end of the text. */
function find(expression: RegExp, text: string, at: number): RegExpExecArray | undefined {
  const search = new RegExp(expression.source, "gi");
  search.lastIndex = at;
  return search.exec(text) ?? undefined;
}

const stay = (place: Place, text: string) => ({ place, end: text.length });

const inText: Step = (place, text, at) => {
  const match = find(/<!--|<\/?(?:[a-z][^\s/>]*|$)/, text, at);
  if (match === undefined) return stay(place, text);
  const end = match.index + match[0].length;
  if (match[0] === "<!--") return { place: { ...START, state: "comment" }, end };
  const name = match[0].replace(/^<\/?/, "").toLowerCase();
  const element = match[0].startsWith("</") ? "" : RAW.has(name) ? name : "";
  const state = end === text.length ? "tag-name" : "tag";
  return { place: { ...START, state, element }, end };
};

const inComment: Step = (place, text, at) => {
  const match = find(/-->/, text, at);
  return match === undefined ? stay(place, text) : { place: START, end: match.index + 3 };
};

const inRaw: Step = (place, text, at) => {
  const match = find(new RegExp(`</${place.element}(?=[\\s/>])`), text, at);
  const end = match?.index ?? text.length;
  const inner = text.slice(at, end);
  if (match === undefined)
    return stay(
      place.state === "script" ? { ...place, script: afterScript(place.script, inner) } : place,
      text,
    );
  return { place: { ...START, state: "tag" }, end: end + match[0].length };
};

const inTag: Step = (place, text, at) => {
  const match = find(/[^\s/]/, text, at);
  if (match === undefined) return stay({ ...place, state: "tag" }, text);
  if (match[0] !== ">") return { place: { ...place, state: "attribute-name" }, end: match.index };
  const state = RAW.get(place.element) ?? "text";
  return { place: { ...START, state, element: place.element }, end: match.index + 1 };
};

const inName: Step = (place, text, at) => {
  const [name = ""] = find(/[^\s/>=]*/, text, at) ?? [];
  const end = at + Math.max(name.length, text[at] === "=" ? 1 : 0);
  const state = end === text.length ? "attribute-name" : "after-name";
  return { place: { ...place, state, attribute: attributeKind(name) }, end };
};

const afterName: Step = (place, text, at) => {
  const match = find(/\S/, text, at);
  if (match === undefined) return stay(place, text);
  if (match[0] !== "=") return { place: { ...place, state: "tag", attribute: "plain" }, end: match.index };
  return { place: { ...place, state: "before-value" }, end: match.index + 1 };
};

const beforeValue: Step = (place, text, at) => {
  const match = find(/\S/, text, at);
  if (match === undefined) return stay(place, text);
  if (match[0] === ">") return { place: { ...place, state: "tag" }, end: match.index };
  const quote = match[0] === '"' || match[0] === "'" ? match[0] : "";
  const value: Place = { ...place, state: "value", quote, script: "", url: "start" };
  return { place: value, end: match.index + quote.length };
};

const inValue: Step = (place, text, at) => {
  const match = find(place.quote === "" ? /[\s>]/ : new RegExp(place.quote), text, at);
  const end = match?.index ?? text.length;
  if (match === undefined) return stay(afterValue(place, text.slice(at, end)), text);
  return { place: { ...START, state: "tag", element: place.element }, end: end + place.quote.length };
};

function afterValue(place: Place, inner: string): Place {
  if (inner === "") return place;
  // A character reference may stand for a quote.
  if (place.attribute === "script")
    return { ...place, script: inner.includes("&") ? "unknown" : afterScript(place.script, inner) };
  if (place.attribute !== "url") return place;
  if (place.url === "query" || /[?#]/.test(inner)) return { ...place, url: "query" };
  return { ...place, url: place.url === "path" || /[/:]/.test(inner) ? "path" : "open" };
}

/**
 * What is open in a script behind this much of it. Behind a slash that may begin a regular expression nothing is known until the
 * line ends; if something that can span lines may have begun there, nothing is known any more.
 */
function afterScript(open: Place["script"], text: string): Place["script"] {
  let state = open;
  for (const [word] of text.matchAll(/\\.|\/\/|\/\*|\*\/|["'`\n/]/gs)) {
    if (state === "unknown") return state;
    if (state === "/") state = word === "\n" ? "" : word === "`" || word === "/*" ? "unknown" : state;
    else if (state === "//") state = word === "\n" ? "" : state;
    else if (state === "/*") state = word === "*/" ? "" : state;
    else if (state !== "") state = word === state ? "" : state;
    else if (isOpening(word)) state = word;
  }
  return state;
}

const isOpening = (word: string): word is "//" | "/*" | '"' | "'" | "`" | "/" =>
  ["//", "/*", '"', "'", "`", "/"].includes(word);

const STEPS: Readonly<Record<Place["state"], Step>> = {
  text: inText,
  comment: inComment,
  "raw-text": inRaw,
  script: inRaw,
  style: inRaw,
  "tag-name": inTag,
  tag: inTag,
  "attribute-name": inName,
  "after-name": afterName,
  "before-value": beforeValue,
  value: inValue,
};

/** The place behind a text. */
export function placeAfter(from: Place, text: string): Place {
  let [place, at] = [from, 0];
  while (at < text.length) {
    const step = STEPS[place.state](place, text, at);
    ({ place } = step);
    at = step.end;
  }
  return place;
}

/** The place behind a value: where values end texts do not. */
export function placeAfterValue(place: Place): Place {
  if (place.state === "before-value") return { ...place, state: "value", quote: "", url: "open" };
  return place.state === "value" && place.attribute === "url" && place.url === "start"
    ? { ...place, url: "open" }
    : place;
}

/** True when what follows is the same for both. */
export function samePlace(a: Place, b: Place): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
