/** S-32: pages show what others say, and let it do nothing. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readOptions } from "../options/read.ts";
import { Pages } from "../pages/pages.ts";
import { COMPAT } from "../testing/compat.ts";
import { type Point, startPoint } from "../testing/point.ts";
import { ask } from "../testing/question.ts";

const folder = mkdtempSync(join(tmpdir(), "s-32-"));
afterAll(() => rmSync(folder, { recursive: true }));

const options = (more: Readonly<Record<string, string>> = {}) =>
  readOptions(
    Object.fromEntries(
      Object.entries({ EMAIL_DOMAINS: "*", HTPASSWD_FILE: "/x", ...more }).map(([key, value]) => [
        `OAUTH2_PROXY_${key}`,
        value,
      ]),
    ),
    [],
  ).options;

/** Everything that others can put on a page. */
const hostile = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc
    .array(
      fc.constantFrom(
        "<",
        ">",
        '"',
        "'",
        "&",
        "`",
        "=",
        "/",
        " ",
        "script",
        "javascript:",
        "</title>",
        "</style>",
        "<!--",
        "{{.}}",
        "on",
        "load=",
        "\0",
        "%3Cscript%3E",
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join("")),
);

/** Markup of a page as a list of tags: what hostile texts must not change. */
function tagsOf(html: string): string[] {
  return [...html.matchAll(/<(\/?[a-z][a-z0-9]*)/gi)].map(([, name]) => name ?? "");
}

/** Addresses that a page leads to. */
const addressesOf = (html: string): string[] =>
  [...html.matchAll(/\b(?:href|action|src)="([^"]*)"/g)].map(([, value]) => value ?? "");

const view = (text: string) => ({
  status: 401,
  prefix: "/oauth2",
  redirect: text,
  providers: [{ id: text, name: text }],
});
const fault = (text: string) => ({ status: 403, prefix: "/oauth2", redirect: text, requestId: text, text });

function withoutScripts(html: string): void {
  expect(html).not.toMatch(/<script|<iframe|<object|<embed|<base/i);
  expect(html.replace(/"[^"]*"/g, '""')).not.toMatch(/<[^<>]*\son[a-z]+\s*=/i);
  for (const address of addressesOf(html))
    expect(address).not.toMatch(/^\s*(?:javascript|data|vbscript):(?!image\/)/i);
}

describe("our pages", () => {
  const pages = new Pages(options());
  const plain = {
    signIn: tagsOf(pages.signIn(view("x")).body.toString()),
    error: tagsOf(pages.error(fault("x")).body.toString()).filter((tag) => tag !== "input"),
    titled: tagsOf(
      pages.error({ ...fault(""), title: "x", text: "x", action: { href: "x", text: "x" } }).body.toString(),
    ),
  };

  test("no text changes their markup", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const signIn = pages.signIn(view(text === "" ? "x" : text)).body.toString();
        expect(tagsOf(signIn)).toEqual(plain.signIn);
        withoutScripts(signIn);
        if (text === "") return;
        const error = pages.error(fault(text)).body.toString();
        expect(tagsOf(error).filter((tag) => tag !== "input")).toEqual(plain.error);
        withoutScripts(error);
        const titled = pages
          .error({ ...fault(""), title: text, text, action: { href: text, text } })
          .body.toString();
        expect(tagsOf(titled)).toEqual(plain.titled);
        withoutScripts(titled);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "java\tscript:x",
  ])("%s leads nowhere", (address) => {
    const html = pages
      .error({ ...fault(address), action: { href: address, text: "x" }, title: "t" })
      .body.toString();
    expect(addressesOf(html)[0]).toMatch(/^(?:#|java%09script)/i);
  });
});

describe("templates of the operator", () => {
  writeFileSync(
    join(folder, "sign_in.html"),
    `{{define "sign_in.html"}}<!doctype html><title>{{.ProviderName}}</title><p title="{{.Redirect}}" data-x='{{.Redirect}}'>{{.ProviderName}}</p>
<a href="{{.Redirect}}">a</a><a href="{{.ProxyPrefix}}/start?rd={{.Redirect}}">b</a><p class={{.ProviderName}}>c</p>
<script>var a = {{.Redirect}}, b = "{{.Redirect}}", c = '{{.ProviderName}}';</script><button onclick="go({{.Redirect}})">d</button><style>p{color:{{.ProviderName}}}</style><!-- {{.Redirect}} -->
<textarea>{{.Redirect}}</textarea>{{end}}`,
  );
  const pages = new Pages(options({ CUSTOM_TEMPLATES_DIR: folder }));
  const render = (text: string) =>
    pages
      .signIn({ status: 200, prefix: "/oauth2", redirect: text, providers: [{ id: "", name: text }] })
      .body.toString();
  const plain = tagsOf(render("x"));

  test("no text leaves its place", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const html = render(text);
        expect(tagsOf(html)).toEqual(plain);
        const [, script = ""] = /<script>([\s\S]*?)<\/script>/.exec(html) ?? [];
        // The script is what it was: three texts, of which none was left.
        const read = new Function(`${script}; return [a, b, c];`) as () => unknown[];
        expect(read().map(String)).toEqual([text, text, text]);
        expect(addressesOf(html)[0]).not.toMatch(/^\s*(?:javascript|data|vbscript):/i);
        const [, colour = ""] = /<style>p\{color:([^}]*)\}<\/style>/.exec(html) ?? [];
        expect(colour).toMatch(/^(?:ZgotmplZ|[\w #.,%+-]*)$/);
      }),
      { numRuns: 500 },
    );
  });
});

describe("over HTTP", () => {
  let point: Point;
  beforeAll(async () => {
    point = await startPoint(undefined, COMPAT);
  });
  afterAll(() => point.close());

  test.each([
    ["/oauth2/sign_in?rd=%2F%22%3E%3Cscript%3Ealert(1)%3C/script%3E", 200],
    ["/oauth2/callback?error=%3Cscript%3Ealert(1)%3C%2Fscript%3E&error_description=%3Cimg%20src%3Dx%3E", 403],
    ["/app/%3Cscript%3E?x=%22%3E%3Cscript%3E", 403],
  ])("%s", async (path, status) => {
    const answer = await ask(point.port, path, ["Accept", "text/html"]);
    expect(answer.status).toBe(status);
    withoutScripts(answer.body);
    const policy = answer.headers.get("content-security-policy") ?? "";
    expect(policy).toMatch(/^default-src 'none'; /);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|script-src/);
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
    expect(answer.headers.get("cache-control")).toContain("no-store");
  });

  test("the request id on a page is ours when the caller's is odd", async () => {
    const answer = await ask(point.port, "/oauth2/callback?error=x", ["X-Request-Id", "<b>id</b>"]);
    expect(answer.body).toMatch(/Request ID: [\da-f-]{36}</);
  });
});
