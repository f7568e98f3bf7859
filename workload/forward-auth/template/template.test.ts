import { describe, expect, test } from "vitest";
import { pageTemplate, textTemplate } from "./template.ts";
import { Markup, TemplateError } from "./tree.ts";

const SHAPES = {
  Name: "text",
  Code: "number",
  Yes: "truth",
  Html: "markup",
  List: { list: { fields: { ID: "text", Label: "text" } } },
} as const;

const VALUES = {
  Name: "a<b>\"'",
  Code: 401,
  Yes: true,
  Html: new Markup("<i>x</i>"),
  List: [
    { ID: "one", Label: "One" },
    { ID: "two", Label: "Two" },
  ],
};

const text = (source: string) => textTemplate(source, SHAPES)({ ...VALUES, Name: "joe" });
const page = (source: string) => pageTemplate(source, "x.html", SHAPES)(VALUES);

// What Go 1.26's text/template makes of the same sources.
test.each([
  ["plain", "plain"],
  ["{{.Name}}-{{.Code}}", "joe-401"],
  ["a {{- .Name -}} b", "ajoeb"],
  ["a\n{{/* no */}}b", "a\nb"],
  ["a {{- /* no */ -}} b", "ab"],
  ['{{if eq .Name "-"}}anon{{else}}{{.Name}}{{end}}', "joe"],
  ['{{if eq .Name "x" "joe"}}y{{end}}', "y"],
  ["{{if gt .Code 399}}bad{{else if eq .Code 200}}ok{{else}}fine{{end}}", "bad"],
  ["{{if and .Yes (not .Yes)}}a{{else}}b{{end}}", "b"],
  ["{{with $x := .Name}}{{.}}{{$x}}{{$.Code}}{{end}}", "joejoe401"],
  ['{{printf "%q" .Name}}', '"joe"'],
  [
    '{{printf "%05d|%-5s|%5s|%x|%v|%t" .Code .Name .Name .Code .Yes .Yes}}',
    "00401|joe  |  joe|191|true|true",
  ],
  ['{{printf "%d %s" .Name}}', "%!d(string=joe) %!s(MISSING)"],
  ['{{printf "%s" .Name .Code}}', "joe%!(EXTRA int=401)"],
  ['{{"a\\"b\\n" | printf "%s%s" "x"}}', 'xa"b\n'],
  ["{{`raw\\n`}}", "raw\\n"],
  ["{{print 1 2 `a` `b` 3}}", "1 2ab3"],
  ["{{len .Name}}", "3"],
  ["{{\"<a b='c'>\" | html}}", "&lt;a b=&#39;c&#39;&gt;"],
  ['{{urlquery "a b/c&d"}}', "a+b%2Fc%26d"],
  ["{{range .List}}{{.ID}}={{.Label}};{{end}}", "one=One;two=Two;"],
  ["{{range $i, $e := .List}}{{$i}}{{$e.ID}}{{if eq $i 0}}{{continue}}{{end}}!{{end}}", "0one1two!"],
  ["{{range $i := 3}}{{$i}}{{end}}", "012"],
  ['{{define "t"}}[{{.}}]{{end}}{{template "t" .Name}}', "[joe]"],
  ['{{block "b" .Name}}<{{.}}>{{end}}', "<joe>"],
  ["{{$x := 1}}{{if .Yes}}{{$x = 2}}{{end}}{{$x}}", "2"],
  ["{{$x := 1}}{{if .Yes}}{{$x := 2}}{{end}}{{$x}}", "1"],
  ["{{.Name | }}", "joe"],
  ["{{(index .List 1).ID}}", "two"],
])("%s", (source, expected) => {
  expect(text(source)).toBe(expected);
});

test.each([
  ["{{.Name", "syntax"],
  ["{{if .Yes}}", "syntax"],
  ["{{end}}", "syntax"],
  ["{{else}}", "syntax"],
  ["{{}}", "syntax"],
  ["{{nope .Name}}", "syntax"],
  ["{{$x}}", "syntax"],
  ['{{"a}}', "syntax"],
  ["{{/* }}", "syntax"],
  ["{{.Name .Code}}", "meaning"],
  ["{{break}}", "syntax"],
  ["{{(.Name}}", "syntax"],
  ["{{if .Yes}}{{else}}{{else}}{{end}}", "syntax"],
  ["{{.Nope}}", "meaning"],
  ["{{.Name.Length}}", "meaning"],
  ["{{with .Name}}{{.Code}}{{end}}", "meaning"],
  ['{{if eq .Code "401"}}{{end}}', "meaning"],
  ["{{range .Name}}{{end}}", "meaning"],
  ['{{template "nope"}}', "meaning"],
  ['{{define "t"}}{{template "t"}}{{end}}{{template "t"}}', "meaning"],
  ["{{.constructor}}", "meaning"],
])("refuses %s: %s", (source, fault) => {
  expect(() => text(source)).toThrow(expect.objectContaining({ code: "ERR_TEMPLATE", fault }));
});

test("an error tells the line", () => {
  expect(() => text("a\nb\n{{.Nope}}")).toThrow(/^line 3: there is no field "Nope"/);
});

describe("a page", () => {
  test.each([
    ["{{.Name}}", "a&lt;b&gt;&#34;&#39;"],
    ["{{.Html}}", "<i>x</i>"],
    ["{{.Html | html}}", "<i>x</i>"],
    ['{{printf "%s" .Html}}', "&lt;i&gt;x&lt;/i&gt;"],
    ['<p title="{{.Name}}">', '<p title="a&lt;b&gt;&#34;&#39;">'],
    ["<p title={{.Name}}>", "<p title=a&lt;b&gt;&#34;&#39;>"],
    ['<p title="{{.Html}}">', '<p title="x">'],
    ["<title>{{.Html}}</title>", "<title>x</title>"],
    ['<a href="{{"javascript:alert(1)"}}">', '<a href="#ZgotmplZ">'],
    ['<a href="{{"/a b?c=d&e"}}">', '<a href="/a%20b?c=d&amp;e">'],
    ['<a href="/x?rd={{"/a b?c=d&e"}}">', '<a href="/x?rd=%2Fa%20b%3Fc%3Dd%26e">'],
    ['<a href="{{"java"}}{{"script:alert(1)"}}">', '<a href="javascript%3Aalert%281%29">'],
    ['<a href="java{{"script:x"}}">', '<a href="javascript%3Ax">'],
    ['<a href="/a/{{"b:c"}}">', '<a href="/a/b:c">'],
    ['<a href="{{"java"}}{{"script:alert(1)"}}">', '<a href="javascript%3Aalert%281%29">'],
    ['<a href="java{{"script:x"}}">', '<a href="javascript%3Ax">'],
    ['<a href="/a/{{"b:c"}}">', '<a href="/a/b:c">'],
    ['<form action="{{"JaVaScRiPt:x"}}">', '<form action="#ZgotmplZ">'],
    ["<script>var a = {{.Name}};</script>", '<script>var a = "a\\u003Cb\\u003E\\"\\u0027";</script>'],
    ["<script>var a = '{{.Name}}';</script>", "<script>var a = 'a\\u003Cb\\u003E\\u0022\\u0027';</script>"],
    ["<script>x = 4 / 2;\nf({{.Code}})</script>", "<script>x = 4 / 2;\nf( 401 )</script>"],
    ["<script>f({{.Code}})</script>", "<script>f( 401 )</script>"],
    ["<style>a{color:{{.Name}}}</style>", "<style>a{color:ZgotmplZ}</style>"],
    ["<style>a{color:{{`red`}}}</style>", "<style>a{color:red}</style>"],
    ['<p onclick="f({{.Name}})">', '<p onclick="f(&#34;a\\u003Cb\\u003E\\&#34;\\u0027&#34;)">'],
    ["{{ToUpper .Name | ToLower}}", "a&lt;b&gt;&#34;&#39;"],
    ["<!-- {{.Name}} -->", "<!--  -->"],
    ['<a {{if .Yes}}href="/"{{end}}>', '<a href="/">'],
    ["{{range .List}}<p>{{.Label}}</p>{{end}}", "<p>One</p><p>Two</p>"],
  ])("%s", (source, expected) => {
    expect(page(source)).toBe(expected);
    expect(page(`{{define "x.html"}}${source}{{end}}`)).toBe(expected);
  });

  test.each([
    "<{{.Name}}>",
    '<p {{.Name}}="x">',
    "<p {{.Name}}>",
    '{{if .Yes}}<p title="{{end}}',
    "<script>var a = `{{.Name}}`;</script>",
    "<script>/* {{.Name}} */</script>",
    '<script>/"/; var a = "{{.Name}}";</script>',
    "<script>a / b; /* \n {{.Name}} */</script>",
    "<script>x = /`/;\n y = {{.Name}}</script>",
    '<p onclick="f(&quot;{{.Name}}&quot;)">',
    "<p onclick='f(&#34;{{.Name}}&#34;)'>",
    '<p title="',
  ])("refuses a value or an end where none is safe: %s", (source) => {
    expect(() => page(source)).toThrow(TemplateError);
  });
});
