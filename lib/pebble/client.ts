import { call, json, list, open, record, withQuery } from "./api.ts";
import {
  awaitChange,
  getChange,
  getChanges,
  readChange,
  succeedChange,
  type WaitOptions,
} from "./changes.ts";
import { PebbleApiError } from "./errors.ts";
import { type ExecOptions, type ExecProcess, type ExecResult, exec, startExec } from "./exec.ts";
import {
  type FileToWrite,
  findFiles,
  type ListOptions,
  listFiles,
  type MakeDirOptions,
  makeDir,
  readFile,
  readFiles,
  removePath,
  type WriteOptions,
  writeFiles,
} from "./files.ts";
import { followLogs, type LogOptions, readLogs } from "./logs.ts";
import type { NoticeOptions, NotifyOptions } from "./notices.ts";
import type { Layer, Plan } from "./plan/types.ts";
import { parsePlan } from "./plan/yaml.ts";
import type { PebbleTransport } from "./transport.ts";
import type {
  Change,
  CheckLevel,
  CheckState,
  FileEntry,
  Identity,
  LogEntry,
  Notice,
  ServiceState,
  SystemInfo,
} from "./types.ts";

/**
 * The Pebble API as a charm uses it. Keys on the wire keep their spelling (`boot-id`).
 *
 * Every method rejects with `PebbleUnreachableError` (`ERR_PEBBLE_UNREACHABLE`, waiting) when nothing answers and
 * with `PebbleApiError` (`ERR_PEBBLE_API`) when Pebble refuses. Methods that act on services wait for their
 * change and reject with `ChangeError` (`ERR_PEBBLE_CHANGE`) when it failed.
 *
 * @example
 * ```ts
 * const pebble = new PebbleClient(unixSocket("/charm/containers/proxy/pebble.socket"));
 * await pebble.addLayer("proxy", { services: { proxy: { override: "replace", command: "oauth2-proxy" } } });
 * await pebble.replan();
 * ```
 *
 * @see Pebble: API and clients
 */
export class PebbleClient {
  readonly transport: PebbleTransport;

  constructor(transport: PebbleTransport) {
    this.transport = transport;
  }

  /** Version and boot id. */
  async systemInfo(): Promise<SystemInfo> {
    return (await this.#get("/v1/system-info", "ask for system information")).result as SystemInfo;
  }

  /** Whether no check of the level is down; `ready` includes `alive`, no level all. */
  async healthy(
    options: { readonly level?: CheckLevel; readonly names?: readonly string[] } = {},
  ): Promise<boolean> {
    const path = withQuery("/v1/health", { level: options.level, names: options.names });
    const response = await this.transport.request({ method: "GET", path });
    if (response.status === 200 || response.status === 502) return response.status === 200;
    throw new PebbleApiError(
      { status: response.status, kind: "", message: "unexpected status" },
      "ask for health",
    );
  }

  /** The combined plan. Parsing it loads a YAML library. */
  async plan(): Promise<Plan> {
    return await parsePlan(await this.planYaml());
  }

  /** The combined plan as Pebble writes it. */
  async planYaml(): Promise<string> {
    return String((await this.#get("/v1/plan?format=yaml", "get the plan")).result);
  }

  /**
   * Adds a layer on top or, if the label is known, combines it into that layer (unless `combine` is false, which
   * makes a known label an error). Starts no service; see `replan()`. With `inner` a label `folder/name` goes behind the last of
   * its folder, below the layers that came later.
   */
  async addLayer(
    label: string,
    layer: Layer | string,
    options: { readonly combine?: boolean; readonly inner?: boolean } = {},
  ): Promise<void> {
    const text = typeof layer === "string" ? layer : JSON.stringify(layer);
    const { combine = true, inner } = options;
    const body = { action: "add", combine, inner, label, format: "yaml", layer: text };
    await this.#post("/v1/layers", body, `add layer "${label}"`);
  }

  /** Services of the plan by name; unknown names are left out. */
  async services(names: readonly string[] = []): Promise<readonly ServiceState[]> {
    return list<ServiceState>(
      (await this.#get(withQuery("/v1/services", { names }), "list services")).result,
    );
  }

  /** Starts services and what they require. Succeeds once each has run for a second. */
  start(names: readonly string[], options?: WaitOptions): Promise<Change> {
    return this.#act("start", names, options);
  }

  /** Stops services and what requires them. */
  stop(names: readonly string[], options?: WaitOptions): Promise<Change> {
    return this.#act("stop", names, options);
  }

  /** Stops services if they run, then starts them. */
  restart(names: readonly string[], options?: WaitOptions): Promise<Change> {
    return this.#act("restart", names, options);
  }

  /** Restarts services whose configuration has changed and starts those that should run. */
  replan(options?: WaitOptions): Promise<Change> {
    return this.#act("replan", [], options);
  }

  /** Starts services with `startup: enabled`; an error of kind `no-default-services` if there are none. */
  autostart(options?: WaitOptions): Promise<Change> {
    return this.#act("autostart", [], options);
  }

  async #act(action: string, services: readonly string[], options?: WaitOptions): Promise<Change> {
    const { change } = await this.#post("/v1/services", { action, services }, `${action} services`);
    return await succeedChange(this.transport, change, options);
  }

  /** Sends a signal, `SIGHUP` for example, to the main process of running services. */
  async signal(signal: string, services: readonly string[]): Promise<void> {
    await this.#post("/v1/signals", { signal, services }, `send ${signal}`);
  }

  /** One change as it is now. */
  change(id: string): Promise<Change> {
    return getChange(this.transport, id);
  }

  /** Changes; those in progress unless `select` says otherwise. */
  changes(options?: Parameters<typeof getChanges>[1]): Promise<readonly Change[]> {
    return getChanges(this.transport, options);
  }

  /** Waits until a change is ready, without judging it; `ChangeTimeoutError` (`ERR_PEBBLE_CHANGE_TIMEOUT`) if not in time. */
  waitChange(id: string, options?: WaitOptions): Promise<Change> {
    return awaitChange(this.transport, id, options);
  }

  /** Asks a change to stop. */
  async abortChange(id: string): Promise<Change> {
    const path = `/v1/changes/${encodeURIComponent(id)}`;
    return readChange((await this.#post(path, { action: "abort" }, `abort change ${id}`)).result);
  }

  /** A regular file's bytes; `PebblePathError` (`ERR_PEBBLE_PATH`) if it cannot be read. */
  read(path: string): Promise<Uint8Array> {
    return readFile(this.transport, path);
  }

  /** Bytes of regular files by path, in one request as far as they fit; those that do not exist are left out. */
  readFiles(paths: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    return readFiles(this.transport, paths);
  }

  /** A regular file's text. */
  async readText(path: string): Promise<string> {
    return new TextDecoder().decode(await this.read(path));
  }

  /** A regular file's text, or nothing where there is no such file. */
  async findText(path: string): Promise<string | undefined> {
    const content = (await this.readFiles([path])).get(path);
    return content && new TextDecoder().decode(content);
  }

  /** Writes one file atomically. */
  write(path: string, content: string | Uint8Array, options: WriteOptions = {}): Promise<void> {
    return writeFiles(this.transport, [{ ...options, path, content }]);
  }

  /** Writes several files in one request; each is atomic, all together are not. */
  writeFiles(files: readonly FileToWrite[]): Promise<void> {
    return writeFiles(this.transport, files);
  }

  /** Entries of a directory, or of the file itself. */
  listFiles(path: string, options?: ListOptions): Promise<readonly FileEntry[]> {
    return listFiles(this.transport, path, options);
  }

  /** As {@link listFiles}, or nothing where there is no such path. */
  findFiles(path: string, options?: ListOptions): Promise<readonly FileEntry[] | undefined> {
    return findFiles(this.transport, path, options);
  }

  /** The entry of a path itself, or undefined when there is none; a link is followed. */
  async stat(path: string): Promise<FileEntry | undefined> {
    return (await this.findFiles(path, { itself: true }))?.[0];
  }

  /**
   * Copies files and directories of this machine into a directory of the container: `/a/dir` as `dir`, `/a/dir/*` as
   * what is in it. `PathTransferError` (`ERR_PEBBLE_TRANSFER`) has every path that failed.
   */
  async pushPath(sources: string | readonly string[], directory: string): Promise<void> {
    const { pushPath } = await import("./path-transfer.ts");
    await pushPath(this.transport, sources, directory);
  }

  /** Copies files and directories of the container into a directory of this machine, as {@link pushPath} does. */
  async pullPath(sources: string | readonly string[], directory: string): Promise<void> {
    const { pullPath } = await import("./path-transfer.ts");
    await pullPath(this.transport, sources, directory);
  }

  /** Makes a directory. */
  makeDir(path: string, options?: MakeDirOptions): Promise<void> {
    return makeDir(this.transport, path, options);
  }

  /** Removes a file or directory. */
  remove(path: string, options?: { readonly recursive?: boolean }): Promise<void> {
    return removePath(this.transport, path, options);
  }

  /** Checks of the plan by name. */
  async checks(
    options: { readonly level?: CheckLevel; readonly names?: readonly string[] } = {},
  ): Promise<readonly CheckState[]> {
    const path = withQuery("/v1/checks", { level: options.level, names: options.names });
    return list<CheckState>((await this.#get(path, "list checks")).result);
  }

  /** Starts checks; returns those that were not running. */
  startChecks(names: readonly string[]): Promise<readonly string[]> {
    return this.#actOnChecks("start", names);
  }

  /** Stops checks; returns those that were running. */
  stopChecks(names: readonly string[]): Promise<readonly string[]> {
    return this.#actOnChecks("stop", names);
  }

  async #actOnChecks(action: string, checks: readonly string[]): Promise<readonly string[]> {
    const answer = await this.#post("/v1/checks", { action, checks }, `${action} checks`);
    return list<string>(record(answer.result)["changed"]);
  }

  /** Runs a check now. `error` is empty when it succeeded. */
  async refreshCheck(name: string): Promise<{ readonly info: CheckState; readonly error: string }> {
    const result = record(
      (await this.#post("/v1/checks/refresh", { name }, `refresh check "${name}"`)).result,
    );
    return { info: result["info"] as CheckState, error: String(result["error"] ?? "") };
  }

  /** Lines services wrote. */
  logs(options?: LogOptions): Promise<readonly LogEntry[]> {
    return readLogs(this.transport, options);
  }

  /** Lines services write, until the iteration is left or `signal` fires. */
  followLogs(options?: LogOptions & { readonly signal?: AbortSignal }): AsyncGenerator<LogEntry> {
    return followLogs(this.transport, options);
  }

  /** Runs a command to its end; `ExecError` (`ERR_PEBBLE_EXEC`) when its exit code is not 0. */
  exec(command: readonly string[], options?: ExecOptions): Promise<ExecResult> {
    return exec(this.transport, command, options);
  }

  /** Starts a command, to signal it or to accept any exit code. */
  startExec(command: readonly string[], options?: ExecOptions): Promise<ExecProcess> {
    return startExec(this.transport, command, options);
  }

  /** Records a custom notice, which Juju turns into `pebble-custom-notice`. The key is `example.com/path`. */
  async notify(key: string, options: NotifyOptions = {}): Promise<string> {
    const { addNotice } = await import("./notices.ts");
    return await addNotice(this.transport, key, options);
  }

  /** Notices by the time they last repeated; waits for one with `timeoutMs`. */
  async notices(options: NoticeOptions = {}): Promise<readonly Notice[]> {
    const { getNotices } = await import("./notices.ts");
    return await getNotices(this.transport, options);
  }

  /** One notice. */
  async notice(id: string): Promise<Notice> {
    const { getNotice } = await import("./notices.ts");
    return await getNotice(this.transport, id);
  }

  /** Identities by name; passwords and certificates are hidden. */
  async identities(): Promise<Readonly<Record<string, Identity>>> {
    const { getIdentities } = await import("./identities.ts");
    return await getIdentities(this.transport);
  }

  /** Adds identities; a name that is known is an error. */
  addIdentities(identities: Readonly<Record<string, Identity>>): Promise<void> {
    return this.#changeIdentities("add", identities);
  }

  /** Changes identities; a name that is unknown is an error. */
  updateIdentities(identities: Readonly<Record<string, Identity>>): Promise<void> {
    return this.#changeIdentities("update", identities);
  }

  /** Adds, changes and, where the value is null, removes identities; others stay. */
  replaceIdentities(identities: Readonly<Record<string, Identity | null>>): Promise<void> {
    return this.#changeIdentities("replace", identities);
  }

  /** Removes identities; a name that is unknown is an error. */
  removeIdentities(names: readonly string[]): Promise<void> {
    return this.#changeIdentities("remove", Object.fromEntries(names.map((name) => [name, null])));
  }

  async #changeIdentities(
    action: "add" | "update" | "replace" | "remove",
    identities: Readonly<Record<string, Identity | null>>,
  ): Promise<void> {
    const { changeIdentities } = await import("./identities.ts");
    await changeIdentities(this.transport, action, identities);
  }

  /** Counts and states of services and checks, in the text format of Prometheus. */
  async metrics(): Promise<string> {
    const response = await this.transport.request({ method: "GET", path: "/v1/metrics" });
    if (response.status !== 200) open(response, "read metrics");
    return new TextDecoder().decode(response.body);
  }

  /** Ends kept connections. */
  close(): void {
    this.transport.close();
  }

  #get(path: string, what: string) {
    return call(this.transport, { method: "GET", path, what });
  }

  #post(path: string, body: unknown, what: string) {
    return call(this.transport, { method: "POST", path, ...json(body), what });
  }
}
