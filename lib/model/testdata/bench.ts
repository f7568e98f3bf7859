/** A model with a clock to turn and a way to let it run; for tests. */

import { type CharmMetadata, parseCharm } from "../charm-metadata.ts";
import type { LogRecord } from "../engine.ts";
import { Model } from "../model.ts";
import type { ModelOptions } from "../model-options.ts";
import { seededRandom } from "../random.ts";
import type { HookRun } from "../run.ts";

export type Behaviour = (run: HookRun, call: (...argv: string[]) => string) => number | undefined;

const DECODER = new TextDecoder();

/** A charm with both ends of one interface, peers, an option of each kind and a container. */
export function webCharm(o: { name?: string; metadata?: object; container?: boolean } = {}): CharmMetadata {
  return parseCharm({
    metadata: {
      name: o.name ?? "web",
      summary: "s",
      description: "d",
      provides: { site: { interface: "http" } },
      requires: { back: { interface: "http" } },
      peers: { peers: { interface: "p" } },
      resources: { image: { type: "oci-image" } },
      ...(o.container ? { containers: { app: { resource: "image" } } } : {}),
      ...o.metadata,
    },
    config: {
      options: {
        text: { type: "string", default: "" },
        port: { type: "int", default: 80 },
        on: { type: "boolean" },
        ratio: { type: "float" },
      },
    },
    actions: { act: { params: { n: { type: "integer", default: 3 } } } },
  });
}

export class Bench {
  time = Date.UTC(2026, 0, 1);
  readonly log: LogRecord[] = [];
  readonly model: Model;

  constructor(o: Partial<ModelOptions> = {}) {
    this.model = new Model({
      name: "iam",
      uuid: "22222222-2222-4222-8222-222222222222",
      version: "4.0.15",
      type: "kubernetes",
      clock: { now: () => this.time },
      random: seededRandom(7),
      onLog: (record) => this.log.push(record),
      ...o,
    });
  }

  /** Runs hooks until nothing is left to run now. @returns `unit hook` of each. */
  settle(behave: Behaviour = () => 0): string[] {
    const seen: string[] = [];
    for (let unit = this.model.runnable()[0]; unit !== undefined; unit = this.model.runnable()[0]) {
      if (seen.length > 500) throw new Error(`Cannot settle: ${seen.slice(-5).join(", ")}`);
      const run = this.model.next(unit);
      if (run) seen.push(this.finish(run, behave));
    }
    return seen;
  }

  /** Runs one hook of a unit. */
  step(unit: string, behave: Behaviour = () => 0): string | undefined {
    const run = this.model.next(unit);
    return run && this.finish(run, behave);
  }

  finish(run: HookRun, behave: Behaviour = () => 0): string {
    const call = (...argv: string[]) => {
      const answer = run.context.run(argv[0]!, argv.slice(1));
      return DECODER.decode(answer.stdout).trim() || DECODER.decode(answer.stderr).trim();
    };
    run.finish({ exitCode: behave(run, call) ?? 0 });
    return `${run.unit} ${run.name}`;
  }

  /** Turns the clock to the next time something happens by itself. */
  wake(): void {
    this.time = this.model.nextWake() ?? this.time;
  }
}
