/**
 * Answers to Envoy's HTTP check. Envoy takes 200, and nothing else, for an allow, and leaves in the request what the answer does
 * not name.
 *
 * @see Envoy: envoy.extensions.filters.http.ext_authz.v3
 */
import type { ServerResponse } from "node:http";
import type { Head } from "../server/head.ts";
import { type Answer, HttpReply, type Reply } from "../server/reply.ts";
import { REMOVE, splitAllow } from "./removal.ts";

/** The status under which a page of ours reaches the browser without being taken for an allow. */
const REFUSED = 403;

/** @param answer What would be answered over plain HTTP. */
function envoyAnswer(answer: Answer): Answer {
  if (!answer.allow) return answer.status >= 300 ? answer : { ...answer, status: REFUSED };
  const { set, remove, cookies } = splitAllow(answer.headers);
  const headers = [...set, REMOVE, remove.join(",")];
  for (const cookie of cookies) headers.push("Set-Cookie", cookie);
  return { ...answer, status: 200, headers };
}

/** Answers a check of Envoy's over HTTP. */
export class EnvoyReply implements Reply {
  readonly #http: HttpReply;

  constructor(response: ServerResponse) {
    this.#http = new HttpReply(response);
  }

  get answered(): boolean {
    return this.#http.answered;
  }

  send(answer: Answer, head: Head): void {
    this.#http.send(envoyAnswer(answer), head);
  }
}
