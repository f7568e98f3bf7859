import { afterEach, beforeEach, describe } from "vitest";
import { PebbleClient } from "../index.ts";
import { changes } from "./changes.suite.ts";
import { checks } from "./checks.suite.ts";
import { envelope } from "./envelope.suite.ts";
import { exec } from "./exec.suite.ts";
import { files } from "./files.suite.ts";
import type { Site, Subject } from "./ground.ts";
import { identities } from "./identities.suite.ts";
import { layers } from "./layers.suite.ts";
import { logTargets } from "./log-targets.suite.ts";
import { logs } from "./logs.suite.ts";
import { notices } from "./notices.suite.ts";
import { services } from "./services.suite.ts";
import { tcp } from "./tcp.suite.ts";
import { terminal } from "./terminal.suite.ts";

/** How one kind of Pebble is started. */
export interface SubjectKind {
  readonly name: string;
  /** Whether requests go over a unix socket. */
  readonly hasSocket: boolean;
  start(test: { readonly longStart: boolean }): Promise<Subject>;
  /** Topics of its own interest; default all. */
  readonly topics?: readonly Topic[];
  /** Why a test of this title does not hold for it; undefined: it does. */
  differs?(title: string): string | undefined;
}

/** The suite of one topic. */
export type Topic = (on: Site) => void;

const TOPICS = [
  envelope,
  layers,
  services,
  changes,
  logs,
  logTargets,
  files,
  exec,
  terminal,
  checks,
  notices,
  identities,
  tcp,
];

/** One suite for every Pebble: what it asserts holds for the real one too. */
export function conformance(kind: SubjectKind): void {
  describe(`Pebble: ${kind.name}`, () => {
    let subject: Subject;
    let close: () => Promise<void> = async () => undefined; // a skipped test has started nothing
    let pebble: PebbleClient;
    beforeEach(async ({ task, skip }) => {
      const difference = kind.differs?.(task.name);
      if (difference !== undefined) skip(difference);
      subject = await kind.start({ longStart: task.meta.longStart === true });
      pebble = new PebbleClient(subject.transport);
      close = async () => {
        pebble.close();
        await subject.close();
      };
    });
    const end = async () => {
      const ending = close;
      close = async () => undefined;
      await ending();
    };
    afterEach(end);
    const ground: Site = {
      hasSocket: kind.hasSocket,
      get socketPath() {
        return subject.socketPath ?? "";
      },
      get pebble() {
        return pebble;
      },
      get transport() {
        return subject.transport;
      },
      get directory() {
        return subject.directory;
      },
      get httpAddress() {
        return subject.httpAddress;
      },
      end,
      at: (name) => `${subject.directory}/${name}`,
      async raw(method, path, body) {
        const bytes = body === undefined ? {} : { body: new TextEncoder().encode(JSON.stringify(body)) };
        const headers = { "content-type": "application/json" };
        const answer = await subject.transport.request({ method, path, headers, ...bytes });
        return JSON.parse(new TextDecoder().decode(answer.body));
      },
    };
    for (const topic of kind.topics ?? TOPICS) topic(ground);
  });
}
