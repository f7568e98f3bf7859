/** Answers as Envoy's gRPC check has them: an allow changes the request, everything else is what the browser gets. */
import type { Head } from "../../server/head.ts";
import type { Answer, Reply } from "../../server/reply.ts";
import { splitAllow } from "../removal.ts";
import type { CheckResponse, HeaderValueOption } from "./messages.ts";

/** google.rpc.Code. */
const OK = 0;
const PERMISSION_DENIED = 7;
const UNAUTHENTICATED = 16;

const APPEND = { value: true };

/** Header text, latin1 bytes, as the UTF-8 that a protobuf string has. */
const utf8 = (text: string): string => Buffer.from(text, "latin1").toString("utf8");

/** Headers to set. Envoy sets a name as often as it is there, `Set-Cookie` of a refusal included. */
function options(headers: readonly string[]): HeaderValueOption[] {
  const list: HeaderValueOption[] = [];
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const key = (headers[index] as string).toLowerCase();
    list.push({ header: { key, value: utf8(headers[index + 1] as string) } });
  }
  return list;
}

/** A cookie beside those that the application sets. */
const cookieOption = (cookie: string): HeaderValueOption => ({
  header: { key: "set-cookie", value: utf8(cookie) },
  append: APPEND,
});

/** @param head True when the user asked with HEAD: then there is no body. */
function checkResponse({ allow, status, headers, body }: Answer, head = false): CheckResponse {
  if (allow) {
    const { set, remove, cookies } = splitAllow(headers);
    return {
      status: { code: OK },
      ok_response: {
        headers: options(set),
        headers_to_remove: remove,
        response_headers_to_add: cookies.map(cookieOption),
      },
    };
  }
  return {
    status: { code: status === 401 ? UNAUTHENTICATED : PERMISSION_DENIED },
    denied_response: {
      status: { code: status },
      headers: options(headers),
      body: head ? "" : (body?.toString("utf8") ?? ""),
    },
  };
}

/** Answers one check. */
export class GrpcReply implements Reply {
  answered = false;
  readonly #method: string | undefined;
  readonly #deliver: (response: CheckResponse) => void;

  /** @param method Of the user's request. */
  constructor(method: string | undefined, deliver: (response: CheckResponse) => void) {
    this.#method = method;
    this.#deliver = deliver;
  }

  send(answer: Answer, _head: Head): void {
    if (this.answered) return;
    this.answered = true;
    this.#deliver(checkResponse(answer, this.#method === "HEAD"));
  }
}
