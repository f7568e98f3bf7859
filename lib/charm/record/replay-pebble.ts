import { withQuery } from "../../pebble/api.ts";
import { PebbleUnreachableError } from "../../pebble/errors.ts";
import { formatMultipart, mediaParameters, parseMultipart } from "../../pebble/multipart.ts";
import type { PebbleRequest, PebbleResponse, PebbleTransport } from "../../pebble/transport.ts";
import { messageQueue } from "../../pebble/websocket.ts";
import { bytesOf, type ExchangeOf, type RecordedBytes } from "./recording.ts";
import type { Stage } from "./stage.ts";
import { type Question, Tape } from "./tape.ts";

type Recorded = ExchangeOf<"pebble">;

/** Pebbles of a recording, by container. */
export class ReplayedPebbles {
  readonly #requests: Tape<Recorded>;
  readonly #sockets: ExchangeOf<"websocket">[];
  readonly #stage: Stage;

  constructor(requests: readonly Recorded[], sockets: readonly ExchangeOf<"websocket">[], stage: Stage) {
    this.#stage = stage;
    this.#sockets = [...sockets];
    this.#requests = new Tape(
      requests,
      (one) => questionOf(one.container, one, textOf(one.body)),
      stage.diverged,
    );
  }

  transport(container: string): PebbleTransport {
    const ask = (request: PebbleRequest) => this.#ask(container, request);
    return {
      request: async (request) => ask(request),
      stream: async (request) => {
        const { body, ...answer } = ask(request);
        return { ...answer, body: pieces(body) };
      },
      websocket: async (path) => this.#socket(container, path),
      close() {},
    };
  }

  finish(): void {
    this.#requests.finish();
  }

  get left(): number {
    return this.#requests.left;
  }

  #ask(container: string, request: PebbleRequest): PebbleResponse {
    const body = this.#stage.secrets.clean(Buffer.from(request.body ?? []).toString("utf8"));
    const question = questionOf(container, { ...request, headers: request.headers ?? {} }, body);
    const paths = this.#requests.has(question) ? [] : pathsRead(request);
    if (paths.length > 1) return together(paths.map((path) => this.#ask(container, { ...request, path })));
    const found = this.#requests.take(question);
    if (found === undefined) return refusal();
    if (found.answer === undefined) throw new PebbleUnreachableError(container);
    const bytes = bytesOf(found.answer.body);
    if (bytes === undefined) this.#stage.diverged({ kind: "answer not kept", what: question.what });
    const raw = found.answer.headers["content-type"]?.startsWith("multipart/") ?? false;
    const filled = this.#stage.filled(bytes ?? new Uint8Array(), raw ? "raw" : "json");
    return { ...found.answer, body: filled };
  }

  #socket(container: string, path: string) {
    const at = this.#sockets.findIndex((one) => one.container === container && one.path === path);
    const [found] = at < 0 ? [] : this.#sockets.splice(at, 1);
    const queue = messageQueue();
    if (found === undefined)
      this.#stage.diverged({ kind: "not recorded", what: `${container}: WebSocket ${path}` });
    for (const { text, data } of found?.received ?? []) {
      const bytes = this.#stage.filled(bytesOf(data) ?? new Uint8Array(), "raw");
      queue.push(text ? Buffer.from(bytes).toString("utf8") : bytes);
    }
    queue.end();
    return { messages: queue.messages, send: () => undefined, close: () => undefined };
  }
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

function questionOf(container: string, { method, path, headers }: Asked, body: string): Question {
  const type = Object.entries(headers).find(([name]) => name.toLowerCase() === "content-type")?.[1] ?? "";
  const boundary = boundaryOf(type);
  return {
    what: `${container}: ${method} ${path}`,
    // A boundary is made up for each body.
    details: boundary === undefined ? body : body.replaceAll(boundary, "boundary"),
    writes: method !== "GET",
  };
}

const textOf = (body: RecordedBytes | undefined): string =>
  body === undefined ? "" : Buffer.from(bytesOf(body) ?? []).toString("utf8");

async function* pieces(body: Uint8Array): AsyncGenerator<Uint8Array> {
  if (body.byteLength > 0) yield body;
}

/** What reads the same files one at a time, as charms did that are older than reading them together. */
function pathsRead({ method, path }: PebbleRequest): readonly string[] {
  const [place, query] = path.split("?");
  if (method !== "GET" || place !== "/v1/files") return [];
  const asked = new URLSearchParams(query);
  const files = asked.get("action") === "read" ? asked.getAll("path") : [];
  return files.map((file) => withQuery("/v1/files", { action: "read", path: file }));
}

/** One answer that says what several said of a file each; the first refusal, where one was refused. */
function together(answers: readonly PebbleResponse[]): PebbleResponse {
  const refused = answers.find(({ status }) => status !== 200);
  if (refused !== undefined) return refused;
  const parts = answers.flatMap((answer) =>
    parseMultipart(answer.body, boundaryOf(answer.headers["content-type"]) ?? ""),
  );
  const said = parts.filter(({ name }) => name === "response");
  const result = said.flatMap(({ content }) => JSON.parse(Buffer.from(content).toString("utf8")).result);
  const response = Buffer.from(JSON.stringify({ type: "sync", "status-code": 200, status: "OK", result }));
  const files = parts.filter(({ name }) => name === "files");
  return {
    status: 200,
    headers: { "content-type": `multipart/form-data; boundary=${TOGETHER}` },
    body: formatMultipart([...files, { name: "response", content: response }], TOGETHER),
  };
}

const TOGETHER = crypto.randomUUID();

function boundaryOf(type = ""): string | undefined {
  return mediaParameters(type)["boundary"];
}

/** As Pebble says it. */
function refusal(): PebbleResponse {
  const result = { message: "not in the recording", kind: "not-found" };
  const body = { type: "error", "status-code": 404, status: "Not Found", result };
  return {
    status: 404,
    headers: { "content-type": "application/json" },
    body: Buffer.from(JSON.stringify(body)),
  };
}
