/** The report as a page: no script, readable in light and dark, by keyboard and by ear. */
import { createHash } from "node:crypto";
import { escapeHtml } from "../lib/html.ts";
import type { Report } from "./report.ts";

const STYLE = `:root{color-scheme:light dark;font-family:system-ui,sans-serif;line-height:1.5}
body{margin:0}
main{max-width:60rem;margin:0 auto;padding:2rem 1rem}
h1{margin-top:0}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.3rem 1.5rem}
dt{font-weight:600}
dd{margin:0;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%}
caption{text-align:left;padding-bottom:.5rem}
th,td{text-align:left;vertical-align:top;padding:.35rem .75rem .35rem 0;border-bottom:1px solid #8886}
td{overflow-wrap:anywhere;font-family:ui-monospace,monospace}`;

/** Headers of the page: nothing may be loaded or framed. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  "Content-Type": "text/html; charset=utf-8",
  "Content-Security-Policy": `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; base-uri 'none'; frame-ancestors 'none'`,
  "X-Content-Type-Options": "nosniff",
  "Cache-Control": "no-store",
};

/** Text for HTML content; controls become visible. */
function shownText(text: string): string {
  const visible = text.replace(/[\x00-\x1f\x7f]/g, (control) =>
    String.fromCodePoint(0x2400 + (control.charCodeAt(0) & 0x7f)),
  );
  return escapeHtml(visible);
}

function identityPart({ identity }: Report): string {
  const { user, email, preferredUsername, groups } = identity;
  if (user === "" && email === "") return "<p>Nobody is signed in, as far as this application was told.</p>";
  const rows: readonly (readonly [string, string])[] = [
    ["E-mail", email],
    ["User", user],
    ["Preferred username", preferredUsername],
    ["Groups", groups.join(", ")],
  ];
  const shown = rows.filter(([, value]) => value !== "");
  return `<dl>\n${shown.map(([name, value]) => `<dt>${name}</dt><dd>${shownText(value)}</dd>`).join("\n")}\n</dl>`;
}

/** The page. */
export function page(report: Report): string {
  const name = report.identity.preferredUsername || report.identity.email || report.identity.user;
  const title = name === "" ? "Hello, whoever you are" : `Hello, ${name}`;
  const rows = report.headers.map(
    ([key, value]) => `<tr><th scope="row">${shownText(key)}</th><td>${shownText(value)}</td></tr>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${shownText(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${shownText(title)}</h1>
<p>This application has no sign-in of its own. What it knows, it was told by the gateway in front of it.</p>
<h2>You</h2>
${identityPart(report)}
<h2>Your request</h2>
<dl>
<dt>Method</dt><dd>${shownText(report.method)}</dd>
<dt>Path</dt><dd>${shownText(report.path)}</dd>
</dl>
<table>
<caption>Headers, as they arrived</caption>
<thead><tr><th scope="col">Name</th><th scope="col">Value</th></tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table>
</main>
</body>
</html>
`;
}
