import { PebbleClient } from "../../pebble/client.ts";
import { PebbleUnreachableError } from "../../pebble/errors.ts";
import type { Plan } from "../../pebble/plan/types.ts";
import type { PebbleTransport } from "../../pebble/transport.ts";
import type { Notice } from "../../pebble/types.ts";
import type { ExecRun } from "./fake-executions.ts";
import type { RootedPebble } from "./rooted.ts";
import { isSame } from "./same-layer.ts";

const NO_FILES = { texts: (): Record<string, string> => ({}) };

/** A Pebble that a test brought along. What is known of it is what it said when it was last looked at. */
export class GivenPebble {
  readonly given: RootedPebble;
  canConnect: boolean;
  bootId = "boot-1";
  plan: Plan = { services: {}, checks: {}, "log-targets": {} };
  /** Services that were seen to have begun anew, and how often; not how often they did in between. */
  readonly starts = new Map<string, number>();
  /** Nobody can ask a Pebble for all its files, or for what commands printed. */
  readonly files = NO_FILES;
  readonly execs: readonly ExecRun[] = [];
  readonly #name: string;
  /** Service that runs → since when. */
  #running: ReadonlyMap<string, string | undefined> | undefined;
  readonly #notices: Notice[] = [];
  #heard: string | undefined;

  constructor(name: string, given: RootedPebble, canConnect = true) {
    this.#name = name;
    this.given = given;
    this.canConnect = canConnect;
  }

  /** Requests as charms make them; its connections are the test's to close. */
  transport(): PebbleTransport {
    const { root, stream, websocket } = this.given;
    const guard = () => {
      if (!this.canConnect) throw new PebbleUnreachableError(this.#name);
    };
    return {
      root,
      close: () => undefined,
      request: async (request) => {
        guard();
        return await this.given.request(request);
      },
      ...(stream && {
        stream: async (request) => {
          guard();
          return await stream.call(this.given, request);
        },
      }),
      ...(websocket && {
        websocket: async (path) => {
          guard();
          return await websocket.call(this.given, path);
        },
      }),
    };
  }

  /** Asks for its plan, services and notices. Where it does not answer, all is as it was when it last did. */
  async look(): Promise<void> {
    const pebble = new PebbleClient(this.given);
    try {
      const after = this.#heard === undefined ? {} : { after: this.#heard };
      const [plan, services, notices] = await Promise.all([
        pebble.plan(),
        pebble.services(),
        pebble.notices({ types: ["custom"], users: "all", ...after }),
      ]);
      if (!isSame(plan, this.plan)) this.plan = plan;
      const active = services.filter(({ current }) => current === "active");
      this.#count(new Map(active.map((service) => [service.name, service["current-since"]])));
      this.#notices.push(...notices);
      this.#heard = notices.at(-1)?.["last-repeated"] ?? this.#heard;
    } catch (error) {
      if (!(error instanceof PebbleUnreachableError)) throw error;
    }
  }

  /** What runs when it is first looked at is not a start that the test asks about. */
  #count(running: ReadonlyMap<string, string | undefined>): void {
    const before = this.#running;
    this.#running = running;
    if (before === undefined) return;
    for (const [name, since] of running) {
      if (before.has(name) && before.get(name) === since) continue;
      this.starts.set(name, (this.starts.get(name) ?? 0) + 1);
    }
  }

  isRunning(name: string): boolean {
    return this.#running?.has(name) ?? false;
  }

  /** Custom notices that were seen and not passed on yet. */
  unheard(): readonly Notice[] {
    return this.#notices.splice(0);
  }

  /** The test has begun the container anew. */
  reboot(): void {
    this.bootId = `boot-${Number(this.bootId.slice("boot-".length)) + 1}`;
    this.#heard = undefined;
  }
}
