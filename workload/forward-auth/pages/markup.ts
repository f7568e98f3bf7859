/** Pieces of pages. */
import { escapeMarkup, safeUrl } from "../template/escape.ts";

/** HTML that is ready; everything else goes through {@link html}. */
export interface Html {
  readonly html: string;
}

/** Text that is HTML already. */
export const raw = (html: string): Html => ({ html });

type Part = string | number | Html | undefined | readonly (string | number | Html | undefined)[];

function textOf(part: Part): string {
  if (part === undefined) return "";
  if (Array.isArray(part)) return part.map(textOf).join("");
  return typeof part === "object" ? (part as Html).html : escapeMarkup(String(part));
}

/** A template literal of HTML: its values are escaped unless they are HTML; undefined ones are nothing. */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return raw(texts.reduce((whole, text, index) => `${whole}${textOf(parts[index - 1])}${text}`));
}

/** The address of a link or a form; any scheme but http and https is refused. */
export const address = (url: string): Html => raw(escapeMarkup(safeUrl(url)));

/** A button that leads somewhere, as a form: the query of the address is kept. */
export function goTo(url: string, text: string, className?: "second"): Html {
  const mark = url.indexOf("?");
  const hash = url.indexOf("#");
  const end = hash === -1 ? url.length : hash;
  const query = mark === -1 || mark > end ? "" : url.slice(mark + 1, end);
  const path = query === "" ? url : url.slice(0, mark) + url.slice(end);
  const fields = Array.from(new URLSearchParams(query), ([name, value]) => hidden(name, value));
  const kind = className === undefined ? undefined : html` class="${className}"`;
  return html`<form method="GET" action="${address(path)}"${kind}>${fields}<button type="submit">${text}</button></form>
`;
}

/** A link that looks like a button. */
export function link(url: string, text: string): Html {
  return html`<p><a class="button" href="${address(url)}">${text}</a></p>
`;
}

/** A field that nobody sees. */
export function hidden(name: string, value: string): Html {
  return html`<input type="hidden" name="${name}" value="${value}">`;
}
