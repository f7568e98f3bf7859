import type { ApplicationState, HookRun } from "../../model/index.ts";
import { unitTag } from "../../model/index.ts";
import { readCharm } from "../charm-store/charm-files.ts";
import { imageFolder } from "../image/image.ts";
import { searchDomains } from "../network/hosts.ts";
import { type ContainerEvents, ContainerHost } from "../unit/container-host.ts";
import { hookVariables, kubernetesVariables } from "../unit/environment.ts";
import { placeStorage, rescueStorage, returnStorage } from "../unit/storage.ts";
import {
  containerDir,
  createUnitDir,
  placeCharm,
  placedCharm,
  removeUnitDir,
  type UnitDir,
  writePreload,
} from "../unit/unit-dir.ts";
import { UnitHost } from "../unit/unit-host.ts";
import type { ModelHost } from "./model-host.ts";
import type { Site } from "./site.ts";

interface Entry {
  /** `starting`: not ready for hooks; `up`: its agent runs. */
  phase: "starting" | "up" | "going";
  host: UnitHost;
}

/** Milliseconds until a unit that could not be brought up is tried again. */
const RETRY_MS = 2_000;

/** The units of one model as folders and processes: made, replaced and removed as the engine has them. */
export class Units {
  readonly #host: ModelHost;
  readonly #site: Site;
  readonly #entries = new Map<string, Entry>();
  /** Work on a unit, one after another: a name may come back while its predecessor goes. */
  readonly #work = new Map<string, Promise<void>>();
  #isStopped = false;

  constructor(host: ModelHost, site: Site) {
    this.#host = host;
    this.#site = site;
  }

  isUp(unit: string): boolean {
    return this.#entries.get(unit)?.phase === "up";
  }

  /** Starts what is new, replaces what has stopped, removes what is gone. */
  reconcile(): void {
    if (this.#isStopped) return;
    const { units } = this.#host.model.state;
    for (const u of Object.values(units)) {
      const entry = this.#entries.get(u.name);
      if (!entry) this.#enter(u.name);
      else if (entry.phase === "up" && u.agentState === "pending") {
        // Not installed: a new unit under the name of one that has just gone; that one goes first.
        if (u.installed) this.#replace(u.name, entry);
        else this.#remove(u.name, entry);
      }
    }
    for (const [name, entry] of this.#entries) if (!units[name]) this.#remove(name, entry);
    this.#site.namesChanged();
  }

  async run(run: HookRun, committed: () => void): Promise<void> {
    const entry = this.#entries.get(run.unit);
    if (!entry) throw new Error(`Cannot run ${run.name}: unit ${run.unit} has no host, it should`);
    this.#upgrade(run, entry.host.dir);
    await entry.host.run(run, committed);
  }

  /** A unit that was in error when its application was refreshed gets the new charm in the same pod. */
  #upgrade(run: HookRun, dir: UnitDir): void {
    const app = this.#application(run.unit);
    const seen = this.#host.model.state.units[run.unit]?.charmModifiedSeen;
    const isDue = run.kind === "upgrade-charm" || seen === app.charmModified;
    if (isDue && placedCharm(dir) !== app.charmModified) {
      placeCharm(dir, this.#site.charmDir(app.name), app.charmModified);
    }
  }

  /** Kills the process of a task that is being aborted. */
  kill(unit: string): void {
    this.#entries.get(unit)?.host.kill();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#work.values());
    await Promise.all([...this.#entries.values()].map(({ host }) => host.stop()));
    this.#entries.clear();
  }

  /** Waits until what is going has gone. */
  async settled(): Promise<void> {
    await Promise.all(this.#work.values());
  }

  #enter(name: string): void {
    const entry: Entry = { phase: "starting", host: this.#newHost(name) };
    this.#entries.set(name, entry);
    const known = this.#host.model.state.units[name]?.installed === true;
    this.#do(name, async () => {
      await this.#bringUp(entry.host, placedCharm(entry.host.dir) === undefined ? "new" : "kept");
      this.#up(name, entry, (model) =>
        known ? model.unitRestarted(name, { podReplaced: false }) : model.unitStarted(name),
      );
    });
  }

  #replace(name: string, entry: Entry): void {
    entry.phase = "starting";
    this.#do(name, async () => {
      await entry.host.stopContainers();
      rescueStorage(entry.host.dir, this.#application(name).charm);
      await this.#bringUp(entry.host, "replaced");
      this.#up(name, entry, (model) => model.unitRestarted(name, { podReplaced: true }));
    });
  }

  #up(name: string, entry: Entry, tell: (model: ModelHost["model"]) => void): void {
    if (this.#isStopped || this.#entries.get(name) !== entry || !this.#host.model.state.units[name]) return;
    entry.phase = "up";
    this.#host.change(tell);
  }

  #remove(name: string, entry: Entry): void {
    if (entry.phase === "going") return;
    entry.phase = "going";
    this.#site.unitIsGone(name);
    this.#do(name, async () => {
      await entry.host.stop();
      removeUnitDir(entry.host.dir);
      this.#entries.delete(name);
      this.#host.pump();
    });
  }

  #do(name: string, work: () => Promise<void>): void {
    const before = this.#work.get(name) ?? Promise.resolve();
    const done = before.then(work).catch((error: unknown) => {
      this.#fault(name, error);
      this.#retry(name);
    });
    this.#work.set(name, done);
    void done.then(() => {
      if (this.#work.get(name) === done) this.#work.delete(name);
    });
  }

  #fault(name: string, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#host.log({
      time: Date.now(),
      entity: unitTag(name),
      level: "ERROR",
      module: "local.unit",
      message,
    });
    this.#site.onFault(error);
  }

  /** A unit that could not be brought up is tried again, as Kubernetes does with pods. */
  #retry(name: string): void {
    const entry = this.#entries.get(name);
    if (entry?.phase !== "starting") return;
    const again = async (): Promise<void> => {
      if (this.#isStopped || this.#entries.get(name) !== entry) return;
      await entry.host.stopContainers();
      this.#entries.delete(name);
      this.#host.pump();
    };
    setTimeout(() => again().catch(this.#site.onFault), RETRY_MS).unref();
  }

  #application(unit: string): ApplicationState {
    const { units, applications } = this.#host.model.state;
    const found = applications[units[unit]?.app ?? ""];
    if (!found) throw new Error(`Cannot find the application of ${unit}: it has gone`);
    return found;
  }

  #newHost(name: string): UnitHost {
    const dir = this.#site.unitDir(name);
    return new UnitHost({
      name,
      dir,
      commands: this.#site.hookCommands,
      variables: {
        ...kubernetesVariables(this.#site.kubernetes.host, this.#site.kubernetes.port),
        ...hookVariables(dir, this.#site.bundles),
      },
      onLine: (run, stream, line) => this.#line(run, stream, line),
      onProcess: (pid, event) => this.#site.recordProcess(pid, event),
      onFault: this.#site.onFault,
    });
  }

  #line(run: HookRun, stream: "stdout" | "stderr", message: string): void {
    const level = stream === "stdout" ? "DEBUG" : "WARNING";
    const module = `unit.${run.unit}.${run.name}`;
    this.#host.log({ time: Date.now(), entity: unitTag(run.unit), level, module, message });
  }

  async #bringUp(host: UnitHost, pod: "new" | "kept" | "replaced"): Promise<void> {
    const app = this.#application(host.name);
    const { dir } = host;
    const charm = this.#site.charmDir(app.name);
    createUnitDir(dir);
    if (pod !== "kept") placeCharm(dir, charm, app.charmModified);
    this.#site.placeServiceAccount(app.name, dir.serviceAccount);
    writePreload(dir.preload, this.#site.preload, {
      address: this.#site.unitAddress(host.name),
      hosts: this.#site.hosts,
      search: searchDomains(this.#host.name),
      listening: dir.listening,
      compiled: this.#site.compiled,
    });
    const { localImages } = readCharm(charm);
    const names = Object.keys(app.charm.containers);
    await Promise.all(names.map((name) => this.#startContainer(host, app, name, localImages[name])));
    if (pod === "replaced") returnStorage(dir, app.charm);
    placeStorage(dir, app.charm, this.#host.model.state.units[host.name]?.storage ?? []);
    this.#site.unitIsUp(app.name, host.name, dir);
  }

  async #startContainer(
    host: UnitHost,
    app: ApplicationState,
    name: string,
    local: string | undefined,
  ): Promise<void> {
    const resource = app.charm.containers[name]?.resource;
    const given = resource === undefined ? undefined : app.resources[resource];
    const image = imageFolder(typeof given === "string" ? given : undefined, local);
    if (image === undefined)
      throw new Error(`Cannot start container "${name}": no image stands for "${resource}"`);
    const container = new ContainerHost({
      place: containerDir(host.dir, name),
      image,
      address: this.#site.unitAddress(host.name),
      preload: host.dir.preload,
      path: this.#site.path,
      events: this.#events(host.name, name),
    });
    host.containers.set(name, container);
    await container.start();
  }

  #events(unit: string, container: string): ContainerEvents {
    const tell = (work: (model: ModelHost["model"]) => void): void => {
      if (!this.#isStopped && this.#host.model.state.units[unit]) this.#host.change(work);
    };
    return {
      ready: (bootId) => tell((model) => model.workloadReady(unit, container, bootId)),
      notice: (notice) => tell((model) => model.workloadNotice(unit, container, notice)),
      check: (check) => tell((model) => model.workloadCheck(unit, container, check)),
      process: ({ pid }, event) => this.#site.recordProcess(pid, event),
      fault: this.#site.onFault,
    };
  }
}

/** Used by the engine: a unit's places before it exists. */
export type UnitDirOf = (unit: string) => UnitDir;
