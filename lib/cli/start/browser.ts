import http from "node:http";
import https from "node:https";
import type { LookupFunction } from "node:net";

/** One answer, and where it came from. */
export interface Page {
  readonly url: URL;
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** What to send. */
export interface Submission {
  readonly method?: "GET" | "POST";
  readonly form?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
}

/** Names below `.localhost` are this machine, as browsers have it (RFC 6761, section 6.3). */
const lookup: LookupFunction = (_hostname, options, callback) => {
  if (options.all) callback(null, [{ address: "127.0.0.1", family: 4 }]);
  else callback(null, "127.0.0.1", 4);
};

/** As much of a browser as a login needs: cookies, redirects, forms. */
export class Browser {
  readonly #authority: string;
  readonly #onHop: (page: Page) => void;
  readonly #cookies = new Map<string, Cookie>();

  /**
   * @param options.authority Certificate, in PEM, that the servers' certificates lead to.
   * @param options.onHop Told of every answer.
   */
  constructor(options: { readonly authority: string; readonly onHop?: (page: Page) => void }) {
    this.#authority = options.authority;
    this.#onHop = options.onHop ?? (() => {});
  }

  /** Asks once; keeps the cookies of the answer. */
  async fetch(url: URL, submission: Submission = {}): Promise<Page> {
    const page = await this.#send(url, submission);
    for (const line of page.headers["set-cookie"] ?? []) this.#keep(url, line);
    this.#onHop(page);
    return page;
  }

  /** Asks, and follows redirects to the page at their end. */
  async visit(start: URL, submission: Submission = {}): Promise<Page> {
    let page = await this.fetch(start, submission);
    for (let hop = 0; page.headers.location !== undefined; hop++) {
      if (hop === 20) throw new Error(`Cannot open ${start}: more than 20 redirects`);
      page = await this.fetch(new URL(page.headers.location, page.url));
    }
    return page;
  }

  #send(url: URL, { method = "GET", form, headers = {} }: Submission): Promise<Page> {
    const body = form && new URLSearchParams(form).toString();
    const cookie = this.#cookiesFor(url);
    const client = url.protocol === "https:" ? https : http;
    return new Promise((resolve, reject) => {
      const request = client.request(url, {
        method,
        ca: this.#authority,
        agent: false,
        ...(url.hostname.endsWith(".localhost") ? { lookup } : {}),
        headers: {
          accept: "text/html",
          ...(cookie ? { cookie } : {}),
          ...(body === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" }),
          ...headers,
        },
      });
      request.setTimeout(20_000, () => request.destroy(new Error(`Cannot open ${url}: no answer in 20 s`)));
      request.on("error", reject);
      request.on("response", (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({
            url,
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString("utf8"),
          }),
        );
      });
      request.end(body);
    });
  }

  #keep(url: URL, line: string): void {
    const [pair = "", ...attributes] = line.split(";").map((part) => part.trim());
    const [name = "", value = ""] = pair.split(/=(.*)/s);
    const attribute = (key: string) =>
      attributes.find((text) => text.toLowerCase().startsWith(`${key}=`))?.slice(key.length + 1);
    const path = attribute("path") ?? "/";
    const key = `${url.hostname} ${path} ${name}`;
    const ended = attribute("max-age") === "0" || Date.parse(attribute("expires") ?? "") < Date.now();
    if (ended || value === "") this.#cookies.delete(key);
    else this.#cookies.set(key, { name, value, path });
  }

  #cookiesFor(url: URL): string {
    return [...this.#cookies]
      .filter(([key, { path }]) => {
        const below = path.endsWith("/") ? path : `${path}/`;
        return (
          key.startsWith(`${url.hostname} `) &&
          (url.pathname === path || url.pathname.startsWith(below) || path === "/")
        );
      })
      .map(([, { name, value }]) => `${name}=${value}`)
      .join("; ");
  }
}

/** The fields of the page's form that are already filled in. */
export function hiddenFields(html: string): Record<string, string> {
  const inputs = html.match(/<input\b[^>]*>/g) ?? [];
  return Object.fromEntries(
    inputs.flatMap((input) => {
      const attribute = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(input)?.[1];
      const name = attribute("name");
      return attribute("type") === "hidden" && name !== undefined ? [[name, attribute("value") ?? ""]] : [];
    }),
  );
}
