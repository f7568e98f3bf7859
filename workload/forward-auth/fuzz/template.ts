/** Templates of log lines and of pages: what does not parse is told so, what does never fails, and no value leaves its place. */
import assert from "node:assert/strict";
import { pageTemplate, textTemplate } from "../template/template.ts";
import { TemplateError } from "../template/tree.ts";
import { fuzz, hostileText } from "./run.ts";

const PIECES = [
  "{{",
  "}}",
  "{{-",
  "-}}",
  ".",
  ".Name",
  ".Code",
  ".Yes",
  ".List",
  ".Nope",
  "$",
  "$x",
  ":=",
  "=",
  "|",
  "(",
  ")",
  " ",
  "if ",
  "else",
  "end",
  "range ",
  "with ",
  'define "t"',
  'template "t" .',
  'block "b" .',
  "break",
  "continue",
  "printf",
  '"%s %5.2d%%"',
  "eq ",
  "html",
  "js",
  "index ",
  "3",
  "-0x1f",
  "'a'",
  '"a\\"b"',
  "`raw`",
  "/* c */",
  "<p ",
  "title=",
  "href=",
  'onclick="',
  '"',
  "'",
  ">",
  "<script>",
  "</script>",
  "<style>",
  "</style>",
  "<!--",
  "-->",
  "<title>",
  "</title>",
  "\n",
  "\\",
];

const ACTIONS = [
  "{{.Name}}",
  "{{.Code}}",
  "{{if .Yes}}",
  "{{else}}",
  "{{end}}",
  "{{range .List}}",
  "{{.ID}}",
  "{{printf `%q` .Name}}",
];

const SHAPES = {
  Name: "text",
  Code: "number",
  Yes: "truth",
  List: { list: { fields: { ID: "text" } } },
} as const;

const valuesOf = (text: string) => ({ Name: text, Code: 401, Yes: true, List: [{ ID: text }, { ID: "b" }] });

const HOSTILE = `x"'></title></style></script><script>alert(1)</script><!-- \\ \`\u2028javascript:`;

const tagsOf = (html: string): string => [...html.matchAll(/<\/?[a-z]+/gi)].map(([tag]) => tag).join();

fuzz(
  (random) => hostileText(random, random() < 0.5 ? [...PIECES, ...ACTIONS, ...ACTIONS] : PIECES, 16),
  (source) => {
    try {
      assert.equal(typeof textTemplate(source, SHAPES)(valuesOf(HOSTILE)), "string");
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
    }
    try {
      const render = pageTemplate(source, "x.html", SHAPES);
      const [plain, hostile] = [render(valuesOf("x")), render(valuesOf(HOSTILE))];
      // What compares or measures values may choose other branches.
      if (!/eq|printf|index|js/.test(source)) assert.equal(tagsOf(hostile), tagsOf(plain));
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
    }
  },
);
