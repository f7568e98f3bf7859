import type { ContainerOutcome, RelationOutcome, ReportedStatus } from "../outcome-shapes.ts";

/** What matchers look at: an outcome, of any charm. */
interface Looked {
  readonly status: ReportedStatus;
  readonly relations: Readonly<Record<string, readonly RelationOutcome[]>>;
  readonly containers: Readonly<Record<string, ContainerOutcome>>;
  readonly logs: readonly { readonly level: string; readonly message: string }[];
}

interface Verdict {
  readonly pass: boolean;
  readonly message: () => string;
  readonly actual?: unknown;
  readonly expected?: unknown;
}

/** The part of a runner's matcher state that these use. */
interface Runner {
  readonly isNot: boolean;
  readonly equals: (a: unknown, b: unknown) => boolean;
}

/** Text that is contained, or an expression that fits. */
export type Message = string | RegExp;

/** Matchers for what `transition` returns. */
export interface CharmMatchers<R = unknown> {
  /** The status is active, with a message like this one. */
  toBeActive(message?: Message): R;
  toBeBlocked(message?: Message): R;
  toBeWaiting(message?: Message): R;
  /** This application says these keys on the endpoint's relations, or on the one of this id; others are ignored. */
  toHavePublished(endpoint: string, data: Readonly<Record<string, unknown>>, relation?: number): R;
  /** This unit says these keys. */
  toHavePublishedUnit(endpoint: string, data: Readonly<Record<string, unknown>>, relation?: number): R;
  /** A container runs this service; a second name says which container. */
  toRun(service: string, container?: string): R;
  /** The service was started in this event, and before that it did not run or was stopped. */
  toHaveStarted(service: string, container?: string): R;
  /** A line like this one was logged. */
  toHaveLogged(message: Message, level?: string): R;
}

const shown = ({ name, message }: ReportedStatus): string => (message === "" ? name : `${name}: ${message}`);

function fits(text: string, message: Message | undefined): boolean {
  if (message === undefined) return true;
  return typeof message === "string" ? text.includes(message) : message.test(text);
}

function statusMatcher(name: string) {
  return function (this: Runner, { status }: Looked, message?: Message): Verdict {
    const wanted = message === undefined ? name : `${name}: ${message}`;
    return {
      pass: status.name === name && fits(status.message, message),
      message: () => `expected the status ${this.isNot ? "not " : ""}to be ${wanted}, is ${shown(status)}`,
    };
  };
}

function publishedMatcher(side: "localAppData" | "localUnitData") {
  return function (
    this: Runner,
    { relations }: Looked,
    endpoint: string,
    data: Readonly<Record<string, unknown>>,
    relation?: number,
  ): Verdict {
    const all = relations[endpoint] ?? [];
    const asked = relation === undefined ? all : all.filter(({ id }) => id === relation);
    const says = asked.map((one) => one[side]);
    const same = (bag: Readonly<Record<string, string>>): boolean =>
      Object.entries(data).every(
        ([key, value]) => this.equals(bag[key], value) || this.equals(parsed(bag[key]), value),
      );
    return {
      pass: says.length > 0 && says.every(same),
      message: () =>
        says.length === 0
          ? `expected something published on ${endpoint}: there is no such relation`
          : `expected ${this.isNot ? "something else " : "this "}published on ${endpoint}`,
      actual: says.length === 1 ? says[0] : says,
      expected: data,
    };
  };
}

/** A value that travels as JSON may be given as such. */
function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return text; // Raw text is what it is.
  }
}

function inContainers(
  containers: Looked["containers"],
  container: string | undefined,
): readonly ContainerOutcome[] {
  return Object.entries(containers).flatMap(([name, one]) =>
    container === undefined || name === container ? [one] : [],
  );
}

/** Their implementations, for `expect.extend`. */
export const matchers = {
  toBeActive: statusMatcher("active"),
  toBeBlocked: statusMatcher("blocked"),
  toBeWaiting: statusMatcher("waiting"),
  toHavePublished: publishedMatcher("localAppData"),
  toHavePublishedUnit: publishedMatcher("localUnitData"),
  toRun(this: Runner, { containers }: Looked, service: string, container?: string): Verdict {
    const running = inContainers(containers, container).flatMap((one) => one.running);
    return {
      pass: running.includes(service),
      message: () =>
        `expected ${service} ${this.isNot ? "not " : ""}to run, running: ${running.join(", ") || "nothing"}`,
    };
  },
  toHaveStarted(this: Runner, { containers }: Looked, service: string, container?: string): Verdict {
    const count = inContainers(containers, container).reduce(
      (sum, one) => sum + (one.starts[service] ?? 0),
      0,
    );
    return {
      pass: count > 0,
      message: () => `expected ${service} ${this.isNot ? "not " : ""}to have started, it did ${count} times`,
    };
  },
  toHaveLogged(this: Runner, { logs }: Looked, message: Message, level?: string): Verdict {
    const lines = logs.filter((line) => level === undefined || line.level === level);
    return {
      pass: lines.some((line) => fits(line.message, message)),
      message: () =>
        `expected ${message} ${this.isNot ? "not " : ""}to be logged, was: ${lines.map((line) => `${line.level} ${line.message}`).join("; ") || "nothing"}`,
    };
  },
};
