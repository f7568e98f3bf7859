import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readPage } from "../golden/page.ts";
import { readOptions } from "../options/read.ts";
import { Pages } from "./pages.ts";
import { STYLE } from "./style.ts";

const folder = mkdtempSync(join(tmpdir(), "pages-"));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

/** Pages under these options. */
function pages(options: Readonly<Record<string, string>> = {}): Pages {
  const given = Object.entries({ EMAIL_DOMAINS: "*", ...options });
  return new Pages(
    readOptions(Object.fromEntries(given.map(([name, value]) => [`OAUTH2_PROXY_${name}`, value])), [])
      .options,
  );
}

const VIEW = {
  status: 200,
  prefix: "/oauth2",
  redirect: "/app",
  providers: [{ id: "", name: "OpenID Connect" }],
};
const ERROR = { status: 403, prefix: "/oauth2", redirect: "/app", requestId: "rid-1" };

const signIn = (options = {}, view = {}) => pages(options).signIn({ ...VIEW, ...view });
const textOf = ({ body }: { readonly body: Buffer }) => body.toString();
const policyOf = ({ headers }: { readonly headers: readonly string[] }) =>
  headers[headers.indexOf("Content-Security-Policy") + 1] ?? "";

describe("the sign-in page", () => {
  test("has a button for each provider", () => {
    const one = readPage(textOf(signIn()));
    expect(one.forms).toEqual([
      {
        method: "GET",
        action: "/oauth2/start",
        inputs: [{ name: "rd", type: "hidden", value: "/app" }],
        button: "Sign in with OpenID Connect",
      },
    ]);
    const two = readPage(
      textOf(
        signIn(
          {},
          {
            providers: [
              { id: "a", name: "A & B" },
              { id: "c", name: "C" },
            ],
          },
        ),
      ),
    );
    expect(two.forms?.map(({ inputs, button }) => [inputs[1]?.value, button])).toEqual([
      ["a", "Sign in with A & B"],
      ["c", "Sign in with C"],
    ]);
  });

  test("has a form only where there are users for it", () => {
    const path = file("htpasswd", "u:x\n");
    expect(readPage(textOf(signIn({ HTPASSWD_FILE: path }))).forms?.[1]).toMatchObject({
      method: "POST",
      action: "/oauth2/sign_in",
      button: "Sign in",
    });
    expect(
      readPage(textOf(signIn({ HTPASSWD_FILE: path, DISPLAY_HTPASSWD_FORM: "false" }))).forms,
    ).toHaveLength(1);
    const wrong = textOf(signIn({ HTPASSWD_FILE: path }, { status: 401 }));
    expect(wrong).toContain('<p role="alert" id="fault">401: Invalid Username or Password</p>');
    expect(wrong.match(/aria-invalid="true" aria-describedby="fault"/g)).toHaveLength(2);
  });

  test.each([
    ["", "", "Authenticate using example.com"],
    ["example.com,other.org", "", "Authenticate using one of the following domains: example.com, other.org"],
    ["*", "", undefined],
    ["example.com", "-", undefined],
    ["example.com", "<b>Hello</b>", "Hello"],
  ])("its banner for domains %j and option %j", (domains, banner, text) => {
    const { texts = [] } = readPage(
      textOf(signIn({ EMAIL_DOMAINS: domains || "example.com", BANNER: banner, FOOTER: "-" })),
    );
    expect(texts[0]).toBe(text);
  });

  test("its logo: ours, none, a file, an address", () => {
    expect(textOf(signIn())).toContain("<svg");
    expect(textOf(signIn({ CUSTOM_SIGN_IN_LOGO: "-" }))).not.toMatch(/<svg|<img/);
    const svg = signIn({ CUSTOM_SIGN_IN_LOGO: file("l.svg", "<svg onload='x()'/>") });
    expect(textOf(svg)).toContain('<img src="data:image/svg+xml;base64,');
    expect(policyOf(svg)).toContain("img-src data:");
    const remote = signIn({ CUSTOM_SIGN_IN_LOGO: "https://cdn.example.com/l.png" });
    expect(readPage(textOf(remote)).image).toBe("https://cdn.example.com/l.png");
    expect(policyOf(remote)).toContain("img-src https://cdn.example.com;");
    expect(() => signIn({ CUSTOM_SIGN_IN_LOGO: file("l.exe", "") })).toThrow(RangeError);
    expect(() => signIn({ CUSTOM_SIGN_IN_LOGO: "/nowhere/l.png" })).toThrow(/ENOENT/);
  });
});

describe("the error page", () => {
  const error = (options = {}, view = {}) => pages(options).error({ ...ERROR, ...view });

  test("is oauth2-proxy's in words and buttons", () => {
    expect(readPage(textOf(error()))).toMatchObject({
      title: "403 Forbidden",
      texts: [
        "403",
        "Forbidden",
        "More Info",
        "You do not have permission to access this resource.",
        "Request ID: rid-1",
        "Secured with",
        "OAuth2 Proxy",
      ],
      forms: [
        { method: "GET", action: "/app", inputs: [], button: "Go back" },
        {
          method: "GET",
          action: "/oauth2/sign_in",
          inputs: [{ name: "rd", type: "hidden", value: "/app" }],
          button: "Sign in",
        },
      ],
    });
    expect(readPage(textOf(error({}, { redirect: "" }))).forms).toEqual([]);
  });

  test("going back keeps the query", () => {
    const [back] = readPage(textOf(error({}, { redirect: "/a?x=1&y=%26#f" }))).forms ?? [];
    expect(back).toMatchObject({
      action: "/a#f",
      inputs: [
        { name: "x", type: "hidden", value: "1" },
        { name: "y", type: "hidden", value: "&" },
      ],
    });
  });

  test("tells what went wrong inside only on demand", () => {
    const view = { status: 500, cause: "secret detail", text: "Sorry" };
    expect(textOf(error({}, view))).not.toContain("secret detail");
    expect(textOf(error({ SHOW_DEBUG_ON_ERROR: "true" }, view))).toContain("secret detail");
  });

  test("has another heading and another way on where the caller says so", () => {
    const view = {
      title: "No access",
      text: "Not for you.",
      action: { href: "/out", text: "Sign out" },
      redirect: "",
    };
    const text = textOf(error({}, view));
    expect(text).toContain("<h1>No access</h1>");
    expect(text).toContain('<a class="button" href="/out">Sign out</a>');
  });
});

describe("templates of the operator", () => {
  const custom = (files: Readonly<Record<string, string>>) => {
    const own = mkdtempSync(join(folder, "t-"));
    for (const [name, content] of Object.entries(files)) writeFileSync(join(own, name), content);
    return pages({ CUSTOM_TEMPLATES_DIR: own, FOOTER: "<i>F</i>", HTPASSWD_FILE: "/x" });
  };

  test("see what oauth2-proxy's see", () => {
    const fields =
      "{{.ProviderName}}|{{.SignInMessage}}|{{.StatusCode}}|{{.CustomLogin}}|{{.Redirect}}|{{.ProxyPrefix}}|{{.Footer}}|{{ToUpper .ProviderName}}|{{len .LogoData | lt 0}}|{{.Version}}";
    const made = custom({ "sign_in.html": `{{define "sign_in.html"}}${fields}{{end}}` });
    expect(textOf(made.signIn(VIEW))).toMatch(
      /^OpenID Connect\|\|200\|true\|\/app\|\/oauth2\|<i>F<\/i>\|OPENID CONNECT\|true\|v/,
    );
    expect(policyOf(made.signIn(VIEW))).toContain("frame-ancestors 'none'");
    expect(made.missing.map((path) => path.split("/").at(-1))).toEqual(["error.html", "robots.txt"]);
    expect(textOf(made.error(ERROR))).toContain("Forbidden");
  });

  test("the error page and robots.txt", () => {
    const made = custom({
      "error.html":
        '{{define "error.html"}}{{.StatusCode}} {{.Title}}: {{.Message}} ({{.RequestID}}) <a href="{{.Redirect}}">back</a>{{.ProxyPrefix}}{{end}}',
      "robots.txt": "User-agent: *\nAllow: /\n",
    });
    expect(textOf(made.error({ ...ERROR, text: "<script>", redirect: "javascript:alert(1)" }))).toBe(
      '403 Forbidden: &lt;script&gt; (rid-1) <a href="#ZgotmplZ">back</a>/oauth2',
    );
    expect(made.robots.toString()).toContain("Allow: /");
    expect(pages().robots.toString()).toBe("User-agent: *\nDisallow: /\n");
  });

  test("that are none are told with their path", () => {
    expect(() => custom({ "sign_in.html": "{{.Nope}}" })).toThrow(
      /sign_in\.html" must be a template: line 1: there is no field "Nope"/,
    );
    expect(() => custom({ "error.html": "{{if}}" })).toThrow(RangeError);
  });
});

describe("every page of ours", () => {
  const all = (options = {}) => {
    const made = pages(options);
    return [
      made.signIn(VIEW),
      made.error(ERROR),
      made.error({ ...ERROR, title: "T" }),
      made.signedOut("/s"),
      made.confirmSignOut("/o"),
    ];
  };

  test("is small, has a language, a main landmark, one name, and no script", () => {
    for (const page of all({ HTPASSWD_FILE: "/x" })) {
      const text = textOf(page);
      expect(page.body.length).toBeLessThan(10_000);
      expect(text).toContain('<html lang="en">');
      expect(text.match(/<main\b/g)).toHaveLength(1);
      expect(text).not.toMatch(/<script|\son\w+=/);
      expect(policyOf(page)).toMatch(
        /^default-src 'none'; style-src 'sha256-[\w+/=]+'; form-action 'self' https:; base-uri 'none'; frame-ancestors 'none'$/,
      );
    }
  });

  test("takes a style of the operator, which cannot leave its element", () => {
    const style = file("own.css", ":root{--accent:#060}</style><script>alert(1)</script>");
    const page = signIn({ CUSTOM_STYLE_FILE: style });
    expect(textOf(page)).toContain("--accent:#060");
    expect(textOf(page)).not.toContain("</style><script>");
    expect(policyOf(page)).not.toBe(policyOf(signIn()));
  });

  test("with the operator's HTML allows styles and pictures, and still no scripts", () => {
    const policy = policyOf(signIn({ BANNER: "<b style='color:red'>Hi</b>" }));
    expect(policy).toContain("default-src 'none'; style-src 'unsafe-inline'; img-src https: data:;");
    expect(policyOf(pages({ BANNER: "<b>Hi</b>" }).error(ERROR))).toContain("style-src 'sha256-");
  });
});

test("texts and controls stand out from what is behind them (WCAG 2.2, 1.4.3 and 1.4.11)", () => {
  const [, light = ""] = /:root\{([^}]*)\}/.exec(STYLE) ?? [];
  const [, dark = ""] = /dark\)\{:root\{([^}]*)\}/.exec(STYLE) ?? [];
  for (const scheme of [light, dark]) {
    const colour = (name: string) => luminance(new RegExp(`--${name}:#([0-9a-f]+)`).exec(scheme)?.[1] ?? "");
    const contrast = (a: string, b: string) => {
      const [low = 0, high = 0] = [colour(a), colour(b)].sort((x, y) => x - y);
      return (high + 0.05) / (low + 0.05);
    };
    for (const text of ["text", "muted", "danger", "accent"])
      expect(contrast(text, "surface")).toBeGreaterThan(4.5);
    for (const text of ["text", "muted"]) expect(contrast(text, "ground")).toBeGreaterThan(4.5);
    expect(contrast("on-accent", "accent")).toBeGreaterThan(4.5);
    expect(contrast("field", "surface")).toBeGreaterThan(3);
  }
});

function luminance(hex: string): number {
  const long = hex.length === 3 ? hex.replace(/./g, "$&$&") : hex;
  const [r = 0, g = 0, b = 0] = [0, 2, 4].map((at) => {
    const part = Number.parseInt(long.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
