import { createHash } from "node:crypto";
import type { Difference } from "./facts.ts";
import { endText, type Report, type ReportedChange, type ReportedEvent } from "./report.ts";

const STYLE = `
:root { color-scheme: light dark; --line: #8886; --came: #1a7f37; --went: #cf222e; --now: #0969da; }
@media (prefers-color-scheme: dark) { :root { --came: #3fb950; --went: #ff7b72; --now: #58a6ff; } }
* { box-sizing: border-box; }
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; }
header { padding: 0.75rem 1rem; border-bottom: 1px solid var(--line); }
h1 { margin: 0; font-size: 1.2rem; } h2 { margin: 0 0 0.5rem; font-size: 1.1rem; overflow-wrap: anywhere; }
h3 { margin: 1rem 0 0.25rem; font-size: 1rem; overflow-wrap: anywhere; }
p { margin: 0.25rem 0; } kbd { border: 1px solid var(--line); border-radius: 4px; padding: 0 0.3em; }
nav ol { margin: 0; padding: 0; list-style: none; }
nav a { display: block; padding: 0.15rem 1rem; color: inherit; text-decoration: none; overflow-wrap: anywhere;
  border-left: 4px solid transparent; }
nav a:hover { text-decoration: underline; }
nav a:focus-visible { outline: 2px solid var(--now); outline-offset: -2px; }
nav a[aria-current] { border-left-color: var(--now); background: #8882; font-weight: 600; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.verb { font-style: italic; } .bad { color: var(--went); }
article { padding: 1rem; border-bottom: 1px solid var(--line); }
table { border-collapse: collapse; table-layout: fixed; width: 100%; }
td, th { padding: 0.15rem 0.5rem; text-align: left; vertical-align: top; border-top: 1px solid var(--line);
  overflow-wrap: anywhere; }
th { font-weight: normal; width: 20rem; } td { font-family: ui-monospace, monospace; font-size: 0.9em; }
del { color: var(--went); } ins { color: var(--came); text-decoration: none; }
pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.steps { display: flex; flex-direction: column; height: 100vh; }
.steps main { display: grid; grid-template-columns: minmax(14rem, 26rem) 1fr; flex: 1; min-height: 0; }
.steps nav { overflow-y: auto; border-right: 1px solid var(--line); }
.steps #events { overflow-y: auto; }
.steps article { display: none; border: 0; } .steps article.shown { display: block; }
@media (max-width: 40rem) { th { width: 35%; }
  .steps main { grid-template-columns: 1fr; grid-template-rows: 40vh 1fr; } }
`;

/** Without it every event is on the page, one below the other. */
const SCRIPT = `
const links = [...document.querySelectorAll("nav a")];
const articles = [...document.querySelectorAll("article")];
let at = -1;
const show = (next) => {
  if (links[next] === undefined || next === at) return;
  links[at]?.removeAttribute("aria-current");
  articles[at]?.classList.remove("shown");
  at = next;
  links[at].setAttribute("aria-current", "step");
  links[at].scrollIntoView({ block: "nearest" });
  articles[at].classList.add("shown");
  document.querySelector("#events").scrollTop = 0;
  document.querySelector("#said").textContent = links[at].textContent;
  history.replaceState(null, "", "#" + articles[at].id);
};
const keys = { ArrowDown: 1, ArrowRight: 1, j: 1, ArrowUp: -1, ArrowLeft: -1, k: -1, Home: -1e9, End: 1e9 };
document.addEventListener("keydown", (event) => {
  const step = keys[event.key];
  if (step === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  show(Math.min(links.length - 1, Math.max(0, at + step)));
  if (document.activeElement?.matches("nav a")) links[at].focus();
});
links.forEach((link, index) => link.addEventListener("click", (event) => {
  event.preventDefault();
  show(index);
}));
const fromAddress = () => show(Math.max(0, articles.findIndex(({ id }) => "#" + id === location.hash)));
addEventListener("hashchange", fromAddress);
document.body.classList.add("steps");
fromAddress();
`;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
}

function hash(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

function row({ key, before, after }: Difference): string {
  const old = before === undefined ? "" : `<del>${escaped(before)}</del>`;
  const now = after === undefined ? "" : `<ins>${escaped(after)}</ins>`;
  const between = old !== "" && now !== "" ? " → " : "";
  return `<tr><th scope="row">${escaped(key === "" ? "is" : key)}</th><td>${old}${between}${now}</td></tr>`;
}

function changeHtml({ subject, differences }: ReportedChange): string {
  return `<h3>${escaped(subject)}</h3>\n<table>${differences.map(row).join("")}</table>`;
}

function statusTable({ statuses }: ReportedEvent): string {
  const rows = Object.entries(statuses).map(
    ([name, status]) => `<tr><th scope="row">${escaped(name)}</th><td>${escaped(status)}</td></tr>`,
  );
  return `<h3>Statuses after it</h3>\n<table>${rows.join("")}</table>`;
}

function article(event: ReportedEvent): string {
  const changes = event.changes.length === 0 ? "<p>It changed nothing.</p>" : "";
  const logs = event.logs.length === 0 ? "" : `<h3>Log</h3>\n<pre>${escaped(event.logs.join("\n"))}</pre>`;
  return `<article id="event-${event.number}">
<h2>${event.number}. ${escaped(event.title)}${escaped(endText(event))}</h2>
<p>${event.kind === "verb" ? "The test did this" : "A hook"}, ${event.seconds.toFixed(0)} s after the beginning.</p>
${changes}${event.changes.map(changeHtml).join("\n")}
${logs}
${statusTable(event)}
</article>`;
}

function link(event: ReportedEvent): string {
  const bad = event.end !== undefined && event.end !== "ended" ? " bad" : "";
  const name = `${event.number}. ${event.title}${endText(event)}`;
  return `<li><a class="${event.kind}${bad}" href="#event-${event.number}">${escaped(name)}</a></li>`;
}

/** The report as one page without anything from elsewhere, to be stepped through with the arrow keys. */
export function htmlReport(report: Report): string {
  const policy = `default-src 'none'; style-src ${hash(STYLE)}; script-src ${hash(SCRIPT)}`;
  const secrets = report.revealed ? "Secret values are shown." : "Secret values are hidden.";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="content-security-policy" content="${policy}">
<meta name="viewport" content="width=device-width">
<title>Model ${escaped(report.model)}: ${report.events.length} events</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>Model ${escaped(report.model)}: ${report.events.length} events</h1>
<p>Step with <kbd>↑</kbd> <kbd>↓</kbd>, <kbd>Home</kbd>, <kbd>End</kbd>. Events in italics are what the test did. ${secrets}</p>
</header>
<main>
<nav aria-label="Events"><ol>
${report.events.map(link).join("\n")}
</ol></nav>
<div id="events" tabindex="0" role="region" aria-label="The event">
<p id="said" class="unseen" aria-live="polite"></p>
${report.events.map(article).join("\n")}
</div>
</main>
<script>${SCRIPT}</script>
</body>
</html>
`;
}
