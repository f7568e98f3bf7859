/** The frame of every page of ours. */
import { type Html, html, raw } from "./markup.ts";
import { STYLE } from "./style.ts";

/** What all pages of a deployment have in common. */
export interface Frame {
  /** The style, with what the deployment adds. */
  readonly style: string;
  /** HTML of the operator; empty: no footer. */
  readonly footer: string;
}

/** The style of our pages with an addition. */
export const styleWith = (addition: string): string => STYLE + addition.replaceAll("</", "<\\/");

/**
 * A whole page.
 *
 * @param label Name of the page for those who do not see it, where no heading shows one.
 */
export function layout(frame: Frame, title: string, content: Html, label?: string): Buffer {
  const named = label === undefined ? undefined : html` aria-label="${label}"`;
  const footer = frame.footer === "" ? undefined : html`<footer>${raw(frame.footer)}</footer>\n`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<title>${title}</title>
<style>${raw(frame.style)}</style>
</head>
<body>
<main${named}>
${content}
</main>
${footer}</body>
</html>
`;
  return Buffer.from(page.html);
}
