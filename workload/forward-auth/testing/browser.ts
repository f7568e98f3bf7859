/** A browser for tests: cookies by host and path, redirects, and forms, as far as sign-ins need them. */
import { request } from "node:http";

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
  /** True for what browsers send with requests of other sites, too: `SameSite=None`. */
  readonly anySite?: boolean;
}

/** An answer, with the hops that led to it. */
export interface Visit {
  readonly status: number;
  readonly url: string;
  readonly headers: Headers;
  readonly text: string;
  /** `status url` of each answer on the way, the last included. */
  readonly hops: readonly string[];
}

/** What is sent; a body is a form or text. */
export interface Question {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: URLSearchParams | string;
  /** True for what another site's page sends: with a method other than GET only cookies of `SameSite=None` go along. */
  readonly crossSite?: boolean;
}

const NAVIGATION = { Accept: "text/html,application/xhtml+xml,*/*;q=0.8", "Sec-Fetch-Mode": "navigate" };

/** `fetch` would set Sec-Fetch-Mode itself. */
function send(
  url: URL,
  { method = "GET", headers = {}, body }: Question,
): Promise<{ status: number; headers: Headers; text: string }> {
  const form = body instanceof URLSearchParams ? { "Content-Type": "application/x-www-form-urlencoded" } : {};
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers: { ...form, ...headers }, agent: false });
    outgoing.on("error", reject);
    outgoing.on("response", (incoming) => {
      const received = new Headers();
      const raw = incoming.rawHeaders;
      for (let index = 0; index + 1 < raw.length; index += 2)
        received.append(raw[index] ?? "", raw[index + 1] ?? "");
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: received,
          text: Buffer.concat(chunks).toString("utf8"),
        }),
      );
    });
    outgoing.end(body?.toString());
  });
}

/** One browser profile. Cookies are kept by host name, not by port, as real browsers do. */
export class Browser {
  readonly #jar = new Map<string, Map<string, Cookie>>();

  /** Every cookie of a host, by name. */
  cookies(hostname: string): ReadonlyMap<string, string> {
    return new Map(Array.from(this.#jar.get(hostname)?.values() ?? [], ({ name, value }) => [name, value]));
  }

  /** Puts a cookie in, as a neighbour on the same site could. */
  plant(hostname: string, name: string, value: string, path = "/", anySite = false): void {
    const cookies = this.#jar.get(hostname) ?? new Map<string, Cookie>();
    this.#jar.set(hostname, cookies.set(`${name} ${path}`, { name, value, path, anySite }));
  }

  /** The header that is sent to a URL; longer paths first. */
  header(url: URL, anySite = false): string {
    const cookies = Array.from(this.#jar.get(url.hostname)?.values() ?? []).filter(
      (cookie) => !anySite || cookie.anySite,
    );
    const sent = cookies.filter(
      ({ path }) => url.pathname === path || url.pathname.startsWith(path.endsWith("/") ? path : `${path}/`),
    );
    return sent
      .sort((a, b) => b.path.length - a.path.length)
      .map(({ name, value }) => `${name}=${value}`)
      .join("; ");
  }

  #take(url: URL, headers: Headers): void {
    for (const text of headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=;]+)=([^;]*)/.exec(text) ?? [];
      const path = /;\s*path=([^;]*)/i.exec(text)?.[1] ?? "/";
      const expires = /;\s*expires=([^;]*)/i.exec(text)?.[1];
      const gone = /;\s*max-age=0(?:;|$)/i.test(text) || (expires !== undefined && Date.parse(expires) <= 0);
      if (gone) this.#jar.get(url.hostname)?.delete(`${name} ${path}`);
      else this.plant(url.hostname, name, value, path, /;\s*samesite=none/i.test(text));
    }
  }

  /** One request, without following redirects. */
  async ask(address: string, question: Question = {}): Promise<Visit> {
    const url = new URL(address);
    const { crossSite = false, method = "GET" } = question;
    const cookie = this.header(url, crossSite && method !== "GET");
    const headers = { ...NAVIGATION, ...question.headers, ...(cookie === "" ? {} : { Cookie: cookie }) };
    const answer = await send(url, { ...question, headers });
    this.#take(url, answer.headers);
    return { ...answer, url: url.href, hops: [`${answer.status} ${url.href}`] };
  }

  /** A request and the redirects after it, at most 20. */
  async visit(address: string, question: Question = {}): Promise<Visit> {
    let visit = await this.ask(address, question);
    const hops = [...visit.hops];
    while (visit.headers.has("location") && hops.length < 20) {
      visit = await this.ask(new URL(visit.headers.get("location") ?? "", visit.url).href);
      hops.push(...visit.hops);
    }
    return { ...visit, hops };
  }

  /** Fills in the form of the page and sends it. */
  async submit(page: Visit, fields: Readonly<Record<string, string>>, crossSite = false): Promise<Visit> {
    const action = /<form[^>]*action="([^"]*)"/.exec(page.text)?.[1] ?? page.url;
    const hidden = page.text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g);
    const body = new URLSearchParams([
      ...Array.from(hidden, ([, name = "", value = ""]) => [name, value] as [string, string]),
      ...Object.entries(fields),
    ]);
    return this.visit(new URL(action, page.url).href, { method: "POST", body, crossSite });
  }
}
