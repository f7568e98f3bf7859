import { writeFileSync } from "node:fs";
import type { Model } from "../../model/index.ts";
import type { Plan } from "../../pebble/plan/types.ts";
import { FakeHost } from "./fake-host.ts";
import { databags, openedPorts, secrets, statuses, unitNames, unitStatus } from "./inspect.ts";
import type { DatabagsOf, FakeModelOptions, FakeTask, ReportOptions } from "./options.ts";
import { reportOf } from "./report.ts";
import { htmlReport } from "./report-html.ts";
import { textReport } from "./report-text.ts";

/** What can be looked at in a fake model. */
export class FakeModelView {
  /** @internal */
  protected readonly host: FakeHost;

  constructor(options: FakeModelOptions) {
    this.host = new FakeHost(options);
  }

  /** What happened, in order: `auth/0 install`. */
  get trace(): readonly string[] {
    return this.host.trace;
  }

  /** Lines that charms and the model logged. */
  get logs(): readonly string[] {
    return this.host.logs;
  }

  /** The model's clock, in milliseconds since the epoch. */
  get now(): number {
    return this.host.now;
  }

  /** Application → status and message. */
  status(): Record<string, string> {
    return statuses(this.engine);
  }

  /** Status and message of a unit; Juju's own `error` while a hook fails. */
  unitStatus(unit: string): string {
    return unitStatus(this.engine, unit);
  }

  /** Names of an application's units, in order. */
  units(app: string): readonly string[] {
    return unitNames(this.engine, app);
  }

  leader(app: string): string | undefined {
    return this.engine.state.applications[app]?.leader ?? undefined;
  }

  /** How an action went so far. */
  task(id: string): FakeTask {
    const { status, message, results, log } = this.engine.task(id);
    return { status, message, results: results ?? {}, log: log.map((line) => line.message) };
  }

  /** Plan of a container, of a unit or of the application's first one; `undefined` before any layer. */
  plan(unitOrApp: string, container: string): Plan | undefined {
    const { plan } = this.host.pebble(this.#unitOf(unitOrApp), container);
    return Object.keys(plan.services).length === 0 ? undefined : plan;
  }

  /** Files of a container: path → text. */
  files(unitOrApp: string, container: string): Record<string, string> {
    return this.host.pebbleInMemory(this.#unitOf(unitOrApp), container, "list files").files.texts();
  }

  /** How often each service of a container was started. */
  starts(unitOrApp: string, container: string): Record<string, number> {
    return Object.fromEntries(this.host.pebble(this.#unitOf(unitOrApp), container).starts);
  }

  /** The relations of an endpoint (`auth:oauth`), in order of their ids. */
  databags(endpoint: `${string}:${string}`): readonly DatabagsOf[] {
    return databags(this.engine, endpoint);
  }

  /** Every container, as unit and name, in order. */
  containers(): readonly (readonly [unit: string, container: string])[] {
    const all = [...this.host.units].flatMap(([unit, { pebbles }]) =>
      [...pebbles.keys()].map((container) => [unit, container] as const),
    );
    return all.sort(([a, x], [b, y]) => (`${a} ${x}` < `${b} ${y}` ? -1 : 1));
  }

  /** Containers whose Pebble does not answer. */
  silentContainers(): readonly (readonly [unit: string, container: string])[] {
    return this.containers().filter(([unit, container]) => !this.host.pebble(unit, container).canConnect);
  }

  /** Secrets that an application and its units own: label → content of the latest revision, in plain text. */
  secrets(app: string): Record<string, Record<string, string>> {
    return secrets(this.engine, app);
  }

  /** Ports that a unit has open. */
  openedPorts(unit: string): readonly string[] {
    return openedPorts(this.engine, unit);
  }

  /** The engine, for what this class does not show. */
  get engine(): Model {
    return this.host.model;
  }

  /**
   * Every event so far with what it changed in databags, statuses, plans, options and secrets; as text.
   * Secret values are `***` unless revealed.
   */
  report(options: ReportOptions = {}): string {
    return textReport(this.#report(options));
  }

  /** Writes the report: a page to step through for `.html`, text for any other name. */
  writeReport(path: string, options: ReportOptions = {}): void {
    const report = this.#report(options);
    writeFileSync(path, path.endsWith(".html") ? htmlReport(report) : textReport(report));
  }

  #report({ reveal = false }: ReportOptions) {
    return reportOf(this.engine.name, this.host.journal, reveal);
  }

  #unitOf(unitOrApp: string): string {
    return unitOrApp.includes("/") ? unitOrApp : (this.units(unitOrApp)[0] ?? unitOrApp);
  }
}
