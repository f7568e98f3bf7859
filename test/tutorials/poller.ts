import https from "node:https";

/** Asks a protected route again and again, and remembers every answer that came from the application. */
export class Poller {
  /** What was answered, by status; `none`: no answer at all. */
  readonly answers = new Map<string, number>();
  /** Answers of the application: there must be none. */
  readonly leaks: string[] = [];
  readonly #stopped = new AbortController();
  readonly #running: Promise<void>;

  /**
   * @param targets Where the route is now; asked for before every round, since ports are known late.
   * @param isApplication Whether a body is the application's.
   */
  constructor(targets: () => readonly URL[], isApplication: (body: string) => boolean) {
    this.#running = this.#poll(targets, isApplication);
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  get asked(): number {
    return [...this.answers.values()].reduce((sum, count) => sum + count, 0);
  }

  async #poll(targets: () => readonly URL[], isApplication: (body: string) => boolean): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      for (const url of targets()) {
        const { status, body } = await get(url);
        this.answers.set(status, (this.answers.get(status) ?? 0) + 1);
        if (isApplication(body)) this.leaks.push(`${url}: ${status}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** One request to this machine under the URL's name, whatever certificate answers. */
export function get(
  url: URL,
  headers: Record<string, string> = {},
): Promise<{ status: string; body: string }> {
  return new Promise((resolve) => {
    const request = https.request({
      host: "127.0.0.1",
      port: url.port || 443,
      path: url.pathname,
      servername: url.hostname,
      rejectUnauthorized: false,
      agent: false,
      timeout: 5_000,
      headers: { host: url.host, accept: "text/html", ...headers },
    });
    const none = () => resolve({ status: "none", body: "" });
    request.on("error", none);
    request.on("timeout", () => request.destroy());
    request.on("response", (response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => (body += chunk.toString()));
      response.on("end", () => resolve({ status: String(response.statusCode), body }));
      response.on("error", none);
      response.on("close", none);
    });
    request.end();
  });
}
