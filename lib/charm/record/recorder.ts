/**
 * Writes down one hook. Loaded only when a recording is wanted; what goes wrong in it never reaches the charm.
 *
 * @module
 */
import { type Taps, tap, taps } from "../../hook/taps.ts";
import type { HookTransport } from "../../hook/transport.ts";
import type { Cluster } from "../../kubernetes/cluster.ts";
import type { PebbleTransport } from "../../pebble/transport.ts";
import type { CharmContract } from "../contract.ts";
import type { HookOutcome } from "../runtime/run-hook.ts";
import { mapTexts, recordedBytes } from "./body.ts";
import { recordedEnvironment } from "./environment.ts";
import { learnFromCommand } from "./learn.ts";
import { recordCluster } from "./record-cluster.ts";
import { recordFetch } from "./record-fetch.ts";
import { recordPebble } from "./record-pebble.ts";
import type { Exchange, Recording } from "./recording.ts";
import { revealedTexts, SecretBook } from "./secret-book.ts";
import { MAX_BYTES, writeRecording } from "./write-recording.ts";

/** `recording.ts` has it too, with the library that reads recordings, which a hook need not load. */
const FORMAT: Recording["format"] = "charmed-iap-recording/1";

/** Most exchanges of one recording; what comes after is not kept. */
const MAX_EXCHANGES = 5000;

/** An exchange without its time. */
export type Heard = Exchange extends infer One ? (One extends Exchange ? Omit<One, "at"> : never) : never;

/** Where exchanges are put, and secrets remembered. */
export interface Notes {
  readonly secrets: SecretBook;
  hear(exchange: Heard): void;
  /** Remembers a secret that the charm has not read from Juju: a replay has it in its turn. */
  readonly learn: (value: unknown) => void;
  /** Runs what may fail for the recording alone. */
  quietly(act: () => void): void;
}

/** What a recorder is about. */
export interface RecorderOptions {
  readonly contract: CharmContract;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder of the recordings. */
  readonly folder: string;
  /** Told why there is no recording. */
  readonly tell: (message: string) => void;
}

/** Stands between a charm and what it talks to, for one hook. */
export class Recorder implements Notes {
  readonly secrets = new SecretBook();
  readonly #options: RecorderOptions;
  readonly #started = Date.now();
  readonly #clock = performance.now();
  readonly #exchanges: Exchange[] = [];
  readonly #undo: (() => void)[] = [];
  readonly #revealed: string[] = [];
  #namespace: string | undefined;
  #fault: string | undefined;
  #ended = false;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.quietly(() => {
      const heard = (namespace: string) => {
        this.#namespace = namespace;
      };
      const before = taps()?.cluster;
      const cluster = ((open: () => Cluster) =>
        recordCluster(before?.(open) ?? open(), this, heard)) as NonNullable<Taps["cluster"]>;
      this.#undo.push(tap({ reveal: (value) => this.quietly(() => this.learn(value)), cluster }));
      this.#undo.push(recordFetch(this));
    });
  }

  /** The transport, overheard. */
  hooks(transport: HookTransport): HookTransport {
    return {
      run: async (request) => {
        const answer = await transport.run(request);
        this.quietly(() => {
          const { command, args, stdin } = request;
          const content = learnFromCommand(request, answer, this.#options.contract, this.secrets);
          this.hear({
            kind: "hook",
            command,
            args: [...args],
            ...(stdin === undefined ? {} : { stdin: recordedBytes(stdin) }),
            ...(content === undefined ? {} : { content }),
            exitCode: answer.exitCode,
            stdout: recordedBytes(answer.stdout),
            stderr: recordedBytes(answer.stderr),
          });
        });
        return answer;
      },
      close: () => transport.close(),
    };
  }

  /** The transport to a container's Pebble, overheard. */
  pebble(container: string, transport: PebbleTransport): PebbleTransport {
    return recordPebble(container, transport, this);
  }

  readonly learn = (value: unknown): void => {
    for (const text of revealedTexts(value)) {
      if (!this.secrets.has(text)) this.#revealed.push(this.secrets.add(text));
    }
  };

  hear(exchange: Heard): void {
    if (this.#exchanges.length >= MAX_EXCHANGES) throw new RangeError(`more than ${MAX_EXCHANGES} exchanges`);
    const at = Math.round((performance.now() - this.#clock) * 1000) / 1000;
    this.#exchanges.push({ ...exchange, at } as Exchange);
  }

  quietly(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#fault ??= error instanceof Error ? error.message : String(error);
    }
  }

  /** Writes the recording. Call it once nothing more is asked; the time of a killed hook is `"signal"`. */
  end(outcome: HookOutcome | "signal"): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const undo of this.#undo) this.quietly(undo);
    this.quietly(() => this.#write(outcome));
    // What is known to be missing makes no recording: its replay would accuse the charm.
    if (this.#fault !== undefined) this.#options.tell(`no recording of this hook: ${this.#fault}`);
  }

  #write(outcome: HookOutcome | "signal"): void {
    if (this.#fault !== undefined) return;
    const { contract, env, folder } = this.#options;
    const clean = (text: string) => this.secrets.clean(text);
    const recording: Recording = {
      format: FORMAT,
      charm: contract.name,
      started: this.#started,
      took: Math.round(performance.now() - this.#clock),
      ...(this.#namespace === undefined ? {} : { namespace: this.#namespace }),
      revealed: this.#revealed,
      env: mapTexts(recordedEnvironment(env), clean),
      exchanges: this.#exchanges.map((exchange) => cleaned(exchange, clean)),
      outcome: outcomeOf(outcome, clean),
    };
    const text = bounded(recording);
    if (this.secrets.leaksInto(text)) throw new Error("a secret could not be taken out of it");
    const event = env["JUJU_DISPATCH_PATH"]?.split("/").at(-1) ?? "hook";
    writeRecording(folder, this.#started, event, text);
  }
}

/** Words of the format itself stay, whatever an unlucky secret is. */
function cleaned(exchange: Exchange, clean: (text: string) => string): Exchange {
  const { kind } = exchange;
  return {
    ...(mapTexts(exchange, clean) as object),
    kind,
    ...(kind === "hook" ? { command: exchange.command } : {}),
  } as Exchange;
}

function outcomeOf(outcome: HookOutcome | "signal", clean: (text: string) => string): Recording["outcome"] {
  if (outcome === "signal") return { ended: "signal" };
  const { exitCode, status } = outcome;
  return {
    ended: "exit",
    exitCode,
    ...(status === undefined ? {} : { status: { name: status.name, message: clean(status.message) } }),
  };
}

/** As text that is no longer than may be. */
function bounded(recording: Recording): string {
  const text = `${JSON.stringify(recording, null, 1)}\n`;
  if (Buffer.byteLength(text) <= MAX_BYTES) return text;
  throw new RangeError(`it has ${Buffer.byteLength(text)} bytes, at most ${MAX_BYTES} are kept`);
}
