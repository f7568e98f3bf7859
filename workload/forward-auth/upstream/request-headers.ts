/** The headers of a request on its way to an upstream: the client's without what is not its to say, and ours. */
import type { OwnedHeader } from "../identity/header-set.ts";
import { canonicalName, foldedName } from "../identity/text.ts";

/** What happens to a header of the client. */
type Treatment =
  | "pass"
  | "drop"
  | "preserve"
  | "host"
  | "length"
  | "chain"
  | "cookie"
  | "te"
  | "coding"
  | "range";

/** How a name is treated, and how it is written. */
interface Known {
  readonly name: string;
  readonly treatment: Treatment;
  /** False: the client's `Connection` header cannot have it removed. */
  readonly removable: boolean;
}

const TREATMENTS: Readonly<Record<string, Treatment>> = {
  connection: "drop",
  "keep-alive": "drop",
  "proxy-connection": "drop",
  "proxy-authenticate": "drop",
  "proxy-authorization": "drop",
  trailer: "drop",
  "transfer-encoding": "drop",
  upgrade: "drop",
  "http2-settings": "drop",
  // Answered here, once it is known that the request may pass.
  expect: "drop",
  te: "te",
  host: "host",
  "content-length": "length",
  "x-forwarded-for": "chain",
  cookie: "cookie",
  "accept-encoding": "coding",
  range: "range",
};

/** What gateways in front of us may have set, and what frames the request. */
const KEPT = /^(?:x-forwarded-|x-original-|x-real-ip$|forwarded$|host$|content-|cookie$|authorization$)/;

/** Spellings remembered at most. */
const REMEMBERED = 4096;

/** What makes the headers of one configuration. */
export interface RequestHeadersOptions {
  /** Headers that we set. */
  readonly owned: readonly OwnedHeader[];
  /** Names of our answers' headers: a client's copies are no application's business either. */
  readonly answers: readonly string[];
  /** Cookies that stay here. */
  readonly isOwnCookie: (name: string) => boolean;
}

/** The client's request. */
export interface ClientRequest {
  readonly method: string;
  /** Name, value, name, value, as sent. */
  readonly rawHeaders: readonly string[];
  /** Address of the peer; empty for a Unix socket. */
  readonly peer: string;
  /** Replaces the `Host` header: from a target in absolute form, or the upstream's own. */
  readonly host: string | undefined;
  /** Our headers: name, value, name, value. */
  readonly identity: readonly string[];
  /** Further names that are never taken from the client, as {@link foldedName} makes them. */
  readonly foreign?: ReadonlySet<string> | undefined;
}

/** Headers for the upstream, and what they say about the request. */
export interface UpstreamHeaders {
  /** Name, value, name, value. */
  readonly flat: string[];
  /** True when we asked for gzip on our own: then the answer is unpacked here. */
  readonly unpack: boolean;
  readonly body: "none" | "chunked" | "length";
}

/** Methods whose requests say that they have no body. */
const TELLS_LENGTH = new Set(["POST", "PUT", "PATCH"]);

/** What the client's headers come to; texts are empty for what is not there. */
interface Found {
  /** Name, value, name, value of what goes on as it is, behind room for the host. */
  readonly flat: string[];
  host: string;
  /** Addresses in front of the peer. */
  chain: string;
  cookie: string;
  length: string;
  chunked: boolean;
  /** True when the client takes trailers. */
  trailers: boolean;
  /** True when the client said which codings it takes, or wants a part. */
  coding: boolean;
  preserved: Map<string, string> | undefined;
}

const NOTHING: Omit<Found, "flat"> = {
  host: "",
  chain: "",
  cookie: "",
  length: "",
  chunked: false,
  trailers: false,
  coding: false,
  preserved: undefined,
};

const joined = (before: string, separator: string, value: string): string =>
  before === "" ? value : before + separator + value;

/** Takes one header in. */
function take(found: Found, { name, treatment }: Known, value: string): void {
  switch (treatment) {
    case "pass":
      found.flat.push(name, value);
      return;
    case "drop":
      if (name === "Transfer-Encoding") found.chunked = true;
      return;
    case "host":
      found.host = value;
      return;
    case "length":
      found.length = value;
      return;
    case "chain":
      found.chain = joined(found.chain, ", ", value);
      return;
    case "cookie":
      found.cookie = joined(found.cookie, "; ", value);
      return;
    case "te":
      found.trailers ||= hasToken(value, "trailers");
      return;
    case "preserve":
      found.preserved ??= new Map();
      found.preserved.set(name, joined(found.preserved.get(name) ?? "", ",", value));
      return;
    default:
      found.coding = true;
      found.flat.push(name, value);
  }
}

/** Builds the headers of requests for upstreams. */
export class RequestHeaders {
  readonly #options: RequestHeadersOptions;
  readonly #known = new Map<string, Known>();
  readonly #exact: ReadonlyMap<string, OwnedHeader>;
  readonly #folded: ReadonlyMap<string, OwnedHeader>;
  readonly #answers: ReadonlySet<string>;

  constructor(options: RequestHeadersOptions) {
    this.#options = options;
    this.#exact = new Map(options.owned.map((header) => [header.name.toLowerCase(), header]));
    this.#folded = new Map(
      options.owned.filter(({ exact }) => !exact).map((header) => [header.folded, header]),
    );
    this.#answers = new Set(options.answers.map(foldedName));
  }

  #learn(name: string): Known {
    const lower = name.toLowerCase();
    const known = {
      name: canonicalName(name),
      treatment: this.#treatment(lower),
      removable: !KEPT.test(lower),
    };
    if (this.#known.size < REMEMBERED && name.length < 64) this.#known.set(name, known);
    return known;
  }

  #treatment(lower: string): Treatment {
    const exact = this.#exact.get(lower);
    if (exact?.preserve) return "preserve";
    const owned = exact ?? this.#folded.get(foldedName(lower));
    if (owned !== undefined) return owned.preserve ? "pass" : "drop";
    if (this.#answers.has(foldedName(lower))) return "drop";
    return TREATMENTS[lower] ?? "pass";
  }

  /** Builds the headers. */
  build(request: ClientRequest): UpstreamHeaders {
    const { method } = request;
    const found = this.#read(request);
    const { flat, cookie, chain } = found;
    flat[1] = request.host ?? found.host;
    if (cookie !== "") this.#addCookie(cookie, flat);
    addChain(chain, request.peer, flat);
    addIdentity(request.identity, found.preserved, flat);
    if (found.trailers) flat.push("Te", "trailers");
    const unpack = !found.coding && method !== "HEAD";
    if (unpack) flat.push("Accept-Encoding", "gzip");
    return { flat, unpack, body: addLength(method, found.chunked, found.length, flat) };
  }

  /** Goes through the client's headers. */
  #read({ rawHeaders, foreign }: ClientRequest): Found {
    const listed = connectionNames(rawHeaders);
    const found: Found = { ...NOTHING, flat: ["Host", ""] };
    for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
      const raw = rawHeaders[index] as string;
      const known = this.#known.get(raw) ?? this.#learn(raw);
      if (foreign !== undefined && foreign.size > 0 && foreign.has(foldedName(raw))) continue;
      const gone = listed !== undefined && known.removable && listed.has(known.name.toLowerCase());
      if (!gone || known.treatment === "te") take(found, known, rawHeaders[index + 1] as string);
    }
    return found;
  }

  /** Adds the client's cookies but ours. */
  #addCookie(cookie: string, flat: string[]): void {
    const kept = cookie.split(";").filter((pair) => {
      const mark = pair.indexOf("=");
      return !this.#options.isOwnCookie((mark === -1 ? pair : pair.slice(0, mark)).trim());
    });
    const text = kept.join(";").trim();
    if (text !== "") flat.push("Cookie", text);
  }
}

/** Names that the client wants removed, beside those that always are; undefined when there are none. */
function connectionNames(rawHeaders: readonly string[]): ReadonlySet<string> | undefined {
  let names: Set<string> | undefined;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    if (name.length !== 10 || name.toLowerCase() !== "connection") continue;
    for (const part of (rawHeaders[index + 1] as string).split(",")) {
      const token = part.trim().toLowerCase();
      if (token === "" || token === "close" || token === "keep-alive" || token === "upgrade") continue;
      names ??= new Set();
      names.add(token);
    }
  }
  return names;
}

/** True when a list header has the token. */
function hasToken(value: string, token: string): boolean {
  return value.split(",").some((part) => part.trim().toLowerCase() === token);
}

function addChain(chain: string, peer: string, flat: string[]): void {
  const text = chain === "" ? peer : peer === "" ? chain : `${chain}, ${peer}`;
  if (text !== "") flat.push("X-Forwarded-For", text);
}

/** Adds our headers; a client's value that is to be preserved comes in front of ours. */
function addIdentity(
  identity: readonly string[],
  preserved: Map<string, string> | undefined,
  flat: string[],
): void {
  if (preserved === undefined) {
    for (const text of identity) flat.push(text);
    return;
  }
  for (let index = 0; index + 1 < identity.length; index += 2) {
    const name = identity[index] as string;
    const own = identity[index + 1] as string;
    const sent = preserved.get(name);
    preserved.delete(name);
    flat.push(name, sent === undefined ? own : `${sent},${own}`);
  }
  for (const [name, value] of preserved) flat.push(name, value);
}

function addLength(
  method: string,
  chunked: boolean,
  length: string,
  flat: string[],
): UpstreamHeaders["body"] {
  if (chunked) return "chunked";
  if (length !== "" && length !== "0") {
    flat.push("Content-Length", length);
    return "length";
  }
  if (TELLS_LENGTH.has(method)) flat.push("Content-Length", "0");
  return "none";
}
