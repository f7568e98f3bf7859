import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type Change,
  ChangeError,
  ExecError,
  type Layer,
  PebbleApiError,
  PebbleClient,
  PebblePathError,
  type PebbleTransport,
} from "./index.ts";

/** A running Pebble to test against. */
export interface Subject {
  readonly transport: PebbleTransport;
  /** An empty directory of the container, absolute. */
  readonly directory: string;
  close(): Promise<void>;
}

/** How one kind of Pebble is started, and what of it is only as exact as it needs to be. */
export interface SubjectKind {
  readonly name: string;
  start(): Promise<Subject>;
}

const SLEEPER = "/bin/sh -c 'echo up; exec sleep 60'";

function service(command: string, more: object = {}): Layer {
  return { services: { web: { override: "replace", command, ...more } } };
}

/** The status of every task, by summary. */
function outcome(change: Change): Record<string, string> {
  return Object.fromEntries(change.tasks.map((task) => [task.summary, task.status]));
}

/** Asks until it is so; the test's own timeout is the limit. */
async function until<T>(ask: () => Promise<T>, isSo: (value: T) => boolean): Promise<T> {
  while (true) {
    const value = await ask();
    if (isSo(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** What a failing call rejects with. */
async function failure(running: Promise<unknown>): Promise<unknown> {
  try {
    await running;
  } catch (error) {
    return error;
  }
  throw new Error("must have failed");
}

async function refusal(running: Promise<unknown>): Promise<{ status: number; kind: string; detail: string }> {
  const error = await failure(running);
  if (!(error instanceof PebbleApiError)) throw error;
  return { status: error.status, kind: error.kind, detail: error.detail };
}

/** One suite for every Pebble: what it asserts holds for the real one too. */
export function conformance(kind: SubjectKind): void {
  describe(`Pebble: ${kind.name}`, () => {
    let subject: Subject;
    let pebble: PebbleClient;
    beforeEach(async () => {
      subject = await kind.start();
      pebble = new PebbleClient(subject.transport);
    });
    afterEach(async () => {
      pebble.close();
      await subject.close();
    });
    const at = (name: string) => `${subject.directory}/${name}`;

    /** A raw request, for what the client never sends. */
    async function raw(method: "GET" | "POST" | "DELETE", path: string, body?: unknown) {
      const bytes = body === undefined ? {} : { body: new TextEncoder().encode(JSON.stringify(body)) };
      const headers = { "content-type": "application/json" };
      const answer = await subject.transport.request({ method, path, headers, ...bytes });
      return JSON.parse(new TextDecoder().decode(answer.body));
    }

    describe("envelope", () => {
      test("system information has a boot id and a version", async () => {
        const info = await pebble.systemInfo();
        expect(info["boot-id"]).toMatch(/^[0-9a-f-]{36}$/);
        expect(info.version).toMatch(/^v1\./);
        expect(await pebble.systemInfo()).toEqual(info);
      });

      test.each([
        ["GET", "/v1/nowhere", 404, "invalid API endpoint requested"],
        ["DELETE", "/v1/plan", 405, 'method "DELETE" not allowed'],
        ["GET", "/v1/warnings", 404, "invalid API endpoint requested"],
        ["GET", "/v1/services/web", 400, "not implemented"],
        ["GET", "/v1/changes/99", 404, 'cannot find change with id "99"'],
        ["GET", "/v1/changes/99/wait", 404, 'cannot find change with id "99"'],
        ["GET", "/v1/changes?select=x", 400, "select should be one of: all,in-progress,ready"],
        ["GET", "/v1/notices/99", 404, 'cannot find notice with ID "99"'],
        ["GET", "/v1/plan", 400, 'invalid format ""'],
        ["GET", "/v1/health?level=x", 400, 'level must be "alive" or "ready"'],
        ["GET", "/v1/checks?level=x", 400, 'level must be "alive" or "ready"'],
        ["GET", "/v1/logs?n=-2", 400, "n must be -1, 0, or a positive integer"],
        ["GET", "/v1/logs?follow=x", 400, 'follow parameter must be "true" or "false"'],
        ["GET", "/v1/files?action=x", 400, 'invalid action "x"'],
        ["GET", "/v1/files?action=read&path=/a", 400, "must accept multipart/form-data"],
        ["GET", "/v1/files?action=read", 400, "must specify one or more paths"],
        ["GET", "/v1/files?action=list", 400, "must specify path"],
        ["GET", "/v1/files?action=list&path=a", 400, 'path must be absolute, got "a"'],
        ["GET", "/v1/tasks/99/websocket/stdio", 404, 'cannot find task "99"'],
      ] as const)("%s %s is refused with %i", async (method, path, status, message) => {
        const answer = await raw(method, path);
        expect(answer).toMatchObject({ type: "error", "status-code": status, result: { message } });
      });

      test.each([
        ["/v1/services", { action: "start" }, 400, "must specify services for start action"],
        ["/v1/services", { action: "replan", services: ["a"] }, 400, "replan accepts no service names"],
        ["/v1/services", { action: "x" }, 400, "must specify services for x action"],
        ["/v1/services", { action: "x", services: ["a"] }, 400, 'invalid action "x"'],
        [
          "/v1/services",
          { action: "stop", services: ["a"] },
          400,
          'cannot stop services: service "a" does not exist',
        ],
        ["/v1/layers", { action: "x" }, 400, 'invalid action "x"'],
        ["/v1/layers", { action: "add" }, 400, "label must be set"],
        ["/v1/layers", { action: "add", label: "a", format: "x" }, 400, 'invalid format "x"'],
        ["/v1/signals", { signal: "SIGHUP", services: [] }, 400, "must specify one or more services"],
        ["/v1/checks", { action: "start", checks: [] }, 400, "must specify checks for start action"],
        ["/v1/checks", { action: "x", checks: ["a"] }, 400, 'invalid action "x"'],
        [
          "/v1/checks",
          { action: "stop", checks: ["b", "a"] },
          400,
          "cannot stop checks: cannot find checks in plan: a, b",
        ],
        ["/v1/checks/refresh", { name: "a" }, 404, 'cannot find check with name "a"'],
        ["/v1/exec", { command: [] }, 400, "must specify command"],
        ["/v1/exec", { command: ["no-such-program"] }, 400, 'cannot find executable "no-such-program"'],
        ["/v1/files", { action: "x" }, 400, 'invalid action "x"'],
        ["/v1/files", { action: "write" }, 400, 'must use multipart with "write" action'],
        ["/v1/notices", { action: "x" }, 400, 'invalid action "x"'],
        [
          "/v1/notices",
          { action: "add", type: "warning" },
          400,
          'invalid type "warning" (can only add "custom" notices)',
        ],
        [
          "/v1/notices",
          { action: "add", type: "custom", key: "a" },
          400,
          'invalid key "a" (must be in "example.com/path" format)',
        ],
      ] as const)("POST %s %j is refused", async (path, body, status, message) => {
        const answer = await raw("POST", path, body);
        expect(answer).toMatchObject({ type: "error", "status-code": status, result: { message } });
      });
    });

    describe("layers", () => {
      test("combine by label, in place, and print in Pebble's spelling", async () => {
        const base = {
          override: "replace",
          command: "/bin/true",
          environment: { A: "1", B: "true" },
        } as const;
        await pebble.addLayer("one", { services: { web: { ...base, after: ["db"] }, db: base } });
        await pebble.addLayer("two", {
          checks: { up: { override: "replace", tcp: { port: 80 }, period: "1m30s" } },
        });
        const more = {
          override: "merge",
          environment: { B: "2" },
          after: ["db"],
          "kill-delay": "1500ms",
        } as const;
        await pebble.addLayer("one", { services: { web: more } });
        const plan = await pebble.plan();
        expect(plan.services["web"]).toEqual({
          ...base,
          environment: { A: "1", B: "2" },
          after: ["db", "db"],
          "kill-delay": "1.5s",
        });
        expect(plan.checks["up"]).toEqual({
          override: "replace",
          tcp: { port: 80 },
          period: "1m30s",
          threshold: 3,
        });
        expect(Object.keys(plan.services)).toEqual(["db", "web"]);
      });

      test("take YAML with any scalar as text, and every duration Go knows", async () => {
        const yaml = [
          "services:",
          "  web: &web",
          "    override: replace",
          "    command: /bin/true",
          "    environment: {PORT: 8080, ON: yes, PI: 3.10, EMPTY: }",
          "    backoff-delay: 1.5h",
          "    backoff-factor: 2.5",
          "    user-id: 0",
          "  other:",
          "    <<: *web",
          "    startup: enabled",
        ].join("\n");
        await pebble.addLayer("yaml", yaml);
        const { services } = await pebble.plan();
        expect(services["web"]).toMatchObject({
          environment: { PORT: "8080", ON: "yes", PI: "3.10", EMPTY: "" },
          "backoff-delay": "1h30m0s",
          "backoff-factor": 2.5,
          "user-id": 0,
        });
        expect(services["other"]).toEqual({ ...services["web"], startup: "enabled" });
      });

      test.each<[string, string | Layer, RegExp]>([
        [
          "an unknown section",
          "x: {}",
          /^cannot parse layer YAML: cannot parse layer "bad": unknown section "x"$/,
        ],
        [
          "an unknown key",
          { services: { web: { overide: "x" } as object } },
          /section "services": .*field overide not found in type plan\.Service/s,
        ],
        ["no mapping", "- a", /^cannot parse layer YAML: cannot parse layer "bad": yaml: /],
        ["broken YAML", "services: [", /^cannot parse layer YAML: cannot parse layer "bad": yaml: /],
        [
          "no override",
          { services: { web: { command: "a" } } },
          /^layer "bad" must define "override" for service "web"$/,
        ],
        [
          "a wrong override",
          "services: {web: {override: x, command: a}}",
          /^layer "bad" has invalid "override" value for service "web"$/,
        ],
        [
          "no command",
          { services: { web: { override: "merge" } } },
          /^plan must define "command" for service "web"$/,
        ],
        ["a null service", "services: {web: null}", /service object cannot be null for service "web"$/],
        [
          "a reserved name",
          "services: {pebble: {override: replace, command: a}}",
          /cannot use reserved service name "pebble"$/,
        ],
        [
          "a name with a dash",
          "services: {-a: {override: replace, command: a}}",
          /cannot use service name "-a": starting with "-" not allowed$/,
        ],
        [
          "an open quote",
          service("echo 'a"),
          /plan service "web" command invalid: cannot parse service "web" command: EOF found when expecting closing quote$/,
        ],
        ["nested groups", service("a [ b [ c ] ]"), /cannot nest \[ \.\.\. \] groups$/],
        ["a group in front", service("[ a ]"), /cannot start command with \[ \.\.\. \] group$/],
        [
          "words behind the group",
          service("a [ b ] c"),
          /cannot have any arguments after \[ \.\.\. \] group$/,
        ],
        ["a stray bracket", service("a ]"), /cannot have \] outside of \[ \.\.\. \] group$/],
        [
          "a wrong action",
          "services: {web: {override: replace, command: a, on-success: success-shutdown}}",
          /plan service "web" on-success action "success-shutdown" invalid$/,
        ],
        [
          "a low factor",
          "services: {web: {override: replace, command: a, backoff-factor: 0.5}}",
          /plan service "web" backoff-factor must be 1\.0 or greater, not 0\.5$/,
        ],
        [
          "a bad duration",
          "services: {web: {override: replace, command: a, kill-delay: 5}}",
          /invalid duration "5"/,
        ],
        [
          "a check without a kind",
          "checks: {c: {override: replace}}",
          /^plan must specify one of "http", "tcp", or "exec" for check "c"$/,
        ],
        [
          "a check of two kinds",
          "checks: {c: {override: replace, tcp: {port: 1}, http: {url: a}}}",
          /^plan must specify one of/,
        ],
        [
          "a check without a port",
          "checks: {c: {override: replace, tcp: {host: a}}}",
          /^plan must set "port" for tcp check "c"$/,
        ],
        [
          "a check without a period",
          "checks: {c: {override: replace, period: 0s, tcp: {port: 1}}}",
          /plan check "c" period must not be zero$/,
        ],
        [
          "a check of another level",
          "checks: {c: {override: replace, level: x, tcp: {port: 1}}}",
          /plan check "c" level must be "alive" or "ready"$/,
        ],
        [
          "an unknown context",
          "checks: {c: {override: replace, exec: {command: a, service-context: x}}}",
          /^plan check "c" service context specifies non-existent service "x"$/,
        ],
        [
          "a log target without a type",
          "log-targets: {t: {override: replace, location: a}}",
          /^plan must define "type" \("loki", "opentelemetry" or "syslog"\) for log target "t"$/,
        ],
        [
          "a log target of strangers",
          "log-targets: {t: {override: replace, type: loki, location: a, services: [x]}}",
          /^log target "t" specifies unknown service "x"$/,
        ],
        [
          "a reserved label",
          "log-targets: {t: {override: replace, type: loki, location: a, labels: {pebble_a: b}}}",
          /log target "t": label "pebble_a" uses reserved prefix "pebble_"$/,
        ],
        [
          "a loop",
          "services: {a: {override: replace, command: x, after: [b]}, b: {override: replace, command: x, after: [a]}}",
          /^services in before\/after loop: a, b$/,
        ],
        [
          "an unknown requirement",
          "services: {a: {override: replace, command: x, requires: [b]}}",
          /^service "b" does not exist$/,
        ],
      ])("refuse %s and change nothing", async (_what, layer, message) => {
        const { status, detail } = await refusal(pebble.addLayer("bad", layer));
        expect({ status, detail }).toEqual({ status: 400, detail: expect.stringMatching(message) });
        expect(await pebble.planYaml()).toBe("{}\n");
      });

      test("refuse a known label without combine, and a layer between others without inner", async () => {
        await pebble.addLayer("a/one", service("/bin/true"), { combine: false });
        expect(await refusal(pebble.addLayer("a/one", {}, { combine: false }))).toMatchObject({
          status: 400,
          detail: 'layer "a/one" already exists',
        });
        await pebble.addLayer("b", {});
        expect(await refusal(pebble.addLayer("a/two", {}))).toMatchObject({
          status: 500,
          detail: "cannot insert sub-directory layer without 'inner' attribute set",
        });
        expect(await refusal(pebble.addLayer("pebble-x", {}))).toMatchObject({
          detail: 'cannot parse layer YAML: cannot use reserved label prefix "pebble-"',
        });
      });
    });

    describe("services", () => {
      test("start, stay, stop; a layer alone starts nothing", async () => {
        await pebble.addLayer("a", service(SLEEPER));
        expect(await pebble.services()).toEqual([{ name: "web", startup: "disabled", current: "inactive" }]);
        const started = await pebble.start(["web"]);
        expect(started).toMatchObject({
          kind: "start",
          summary: 'Start service "web"',
          status: "Done",
          ready: true,
        });
        expect(outcome(started)).toEqual({ 'Start service "web"': "Done" });
        expect(await pebble.services(["web", "unknown"])).toMatchObject([
          { current: "active", "current-since": expect.any(String) },
        ]);
        const again = await pebble.start(["web"]);
        expect(again.tasks[0]!.log).toEqual([
          expect.stringMatching(/ INFO Service "web" already started\.$/),
        ]);
        const stopped = await pebble.stop(["web"]);
        expect(stopped).toMatchObject({ kind: "stop", summary: 'Stop service "web"', status: "Done" });
        expect(await pebble.services()).toMatchObject([{ current: "inactive" }]);
        const stoppedAgain = await pebble.stop(["web"]);
        expect(stoppedAgain.tasks[0]!.log).toEqual([
          expect.stringMatching(/ INFO Service "web" already stopped\.$/),
        ]);
      });

      test("one that ends at once fails its change with its last output, and is restarted all the same", async () => {
        await pebble.addLayer(
          "a",
          service("/bin/sh -c 'echo one; echo two >&2; exit 3'", {
            "backoff-delay": "1m",
            "backoff-limit": "1m",
          }),
        );
        const error = (await failure(pebble.start(["web"]))) as ChangeError;
        expect(error).toBeInstanceOf(ChangeError);
        expect(error.change).toMatchObject({
          status: "Error",
          err: 'cannot perform the following tasks:\n- Start service "web" (service start attempt: exited quickly with code 3, will restart)',
        });
        const log = error.change.tasks[0]!.log!;
        expect(log[0]).toMatch(/ INFO Most recent service output:\n {4}one\n {4}two$/);
        expect(log[1]).toMatch(/ ERROR service start attempt: exited quickly with code 3, will restart$/);
        expect(error.message).toContain("one");
        expect(await pebble.services()).toMatchObject([{ current: "backoff" }]);
        await pebble.stop(["web"]);
        expect(await pebble.services()).toMatchObject([{ current: "inactive" }]);
      });

      test("a program that is not there cannot be started", async () => {
        await pebble.addLayer("a", service("/no/such/program"));
        const { change } = (await failure(pebble.start(["web"]))) as ChangeError;
        expect(change.err).toContain(
          "cannot start service: fork/exec /no/such/program: no such file or directory",
        );
        expect(await pebble.services()).toMatchObject([{ current: "inactive" }]);
      });

      test.each([
        ["on-failure: ignore", { "on-failure": "ignore" }, "exit 1", "error"],
        ["on-success: ignore", { "on-success": "ignore" }, "exit 0", "inactive"],
      ] as const)("%s leaves it down", async (_title, more, script, current) => {
        await pebble.addLayer("a", service(`/bin/sh -c '${script}'`, more));
        const error = (await failure(pebble.start(["web"]))) as ChangeError;
        expect(error.change.err).toMatch(/will ignore/);
        expect(await pebble.services()).toMatchObject([{ current }]);
        const stopped = await pebble.stop(["web"]);
        const message = current === "error" ? "had already exited." : "already stopped.";
        expect(stopped.tasks[0]!.log![0]).toContain(`Service "web" ${message}`);
      });

      test("a killed one comes back after its back-off, with the time of its environment", async () => {
        await pebble.addLayer(
          "a",
          service(`/bin/sh -c 'echo $WHO $$; exec sleep 60'`, {
            environment: { WHO: "me" },
            "backoff-delay": "50ms",
          }),
        );
        await pebble.start(["web"]);
        await pebble.signal("SIGKILL", ["web"]);
        const lines = await until(
          () => pebble.logs(),
          (logs) => logs.length === 2,
        );
        const pids = lines.map(({ message }) => /^me (\d+)$/.exec(message)?.[1]);
        expect(new Set(pids).size).toBe(2);
        await until(
          () => pebble.services(),
          ([web]) => web?.current === "active",
        );
      });

      test("one that ignores SIGTERM is killed after its kill delay", async () => {
        await pebble.addLayer(
          "a",
          service(`/bin/sh -c 'trap "echo term" TERM; while :; do sleep 0.02; done'`, {
            "kill-delay": "100ms",
          }),
        );
        await pebble.start(["web"]);
        expect(await pebble.stop(["web"])).toMatchObject({ status: "Done" });
        expect((await pebble.logs()).map(({ message }) => message)).toContain("term");
      });

      test("requirements start first and stop last", async () => {
        const sleeper = { override: "replace", command: SLEEPER } as const;
        await pebble.addLayer("a", {
          services: { web: { ...sleeper, requires: ["db"], after: ["db"] }, db: sleeper },
        });
        const started = await pebble.start(["web"]);
        expect(started.summary).toBe('Start service "web" and 1 more');
        expect(started.tasks.map(({ summary }) => summary)).toEqual([
          'Start service "db"',
          'Start service "web"',
        ]);
        const stopped = await pebble.stop(["db"]);
        expect(stopped.tasks.map(({ summary }) => summary)).toEqual([
          'Stop service "web"',
          'Stop service "db"',
        ]);
        const restarted = await pebble.restart(["db"]);
        expect(restarted.tasks.map(({ summary }) => summary)).toEqual([
          'Stop service "db"',
          'Start service "db"',
        ]);
      });

      test("a failed requirement holds what needs it", async () => {
        await pebble.addLayer("a", {
          services: {
            web: { override: "replace", command: SLEEPER, requires: ["db"], after: ["db"] },
            db: { override: "replace", command: "/bin/false", "on-failure": "ignore" },
          },
        });
        const { change } = (await failure(pebble.start(["web"]))) as ChangeError;
        expect(outcome(change)).toEqual({ 'Start service "db"': "Error", 'Start service "web"': "Hold" });
      });

      test("a failed dependant leaves its requirement running", async () => {
        await pebble.addLayer("a", {
          services: {
            web: {
              override: "replace",
              command: "/bin/false",
              requires: ["db"],
              after: ["db"],
              "on-failure": "ignore",
            },
            db: { override: "replace", command: SLEEPER },
          },
        });
        const { change } = (await failure(pebble.start(["web"]))) as ChangeError;
        expect(outcome(change)).toEqual({ 'Start service "db"': "Done", 'Start service "web"': "Error" });
        expect(await pebble.services()).toMatchObject([{ current: "active" }, { current: "error" }]);
      });

      test("autostart starts the enabled ones, and is an error without any", async () => {
        await pebble.addLayer("a", service(SLEEPER));
        expect(await refusal(pebble.autostart())).toEqual({
          status: 400,
          kind: "no-default-services",
          detail: "no default services",
        });
        await pebble.addLayer("a", service(SLEEPER, { startup: "enabled" }));
        expect(await pebble.autostart()).toMatchObject({
          kind: "autostart",
          summary: 'Autostart service "web"',
        });
      });

      test("replan starts the enabled, restarts the changed and leaves the rest alone", async () => {
        await pebble.addLayer("a", service(SLEEPER, { startup: "enabled" }));
        expect(await pebble.replan()).toMatchObject({ summary: 'Replan service "web"', status: "Done" });
        const [before] = await pebble.services();
        const same = await pebble.replan();
        expect(outcome(same)).toEqual({ 'Start service "web"': "Done" });
        expect(await pebble.services()).toEqual([before]);
        await pebble.addLayer("a", service(SLEEPER, { startup: "enabled", environment: { NEW: "1" } }));
        const changed = await pebble.replan();
        expect(outcome(changed)).toEqual({ 'Stop service "web"': "Done", 'Start service "web"': "Done" });
        expect((await pebble.logs()).map(({ message }) => message)).toEqual(["up", "up"]);
      });

      test("replan with nothing to do is done at once", async () => {
        await pebble.addLayer("a", service(SLEEPER));
        expect(await pebble.replan()).toMatchObject({
          summary: "Replan - no services",
          status: "Done",
          tasks: [],
        });
      });

      test("signals reach the process; others are refused", async () => {
        await pebble.addLayer("a", service(`/bin/sh -c 'trap "echo hup" HUP; while :; do sleep 0.02; done'`));
        expect(await refusal(pebble.signal("SIGHUP", ["web"]))).toMatchObject({
          status: 500,
          detail: 'cannot send signal to "web": service is not running',
        });
        await pebble.start(["web"]);
        expect(await refusal(pebble.signal("HUP", ["web"]))).toMatchObject({
          detail: 'cannot send signal to "web": invalid signal name "HUP"',
        });
        await pebble.signal("SIGHUP", ["web"]);
        await until(
          () => pebble.logs(),
          (logs) => logs.some(({ message }) => message === "hup"),
        );
      });

      test("working directory and environment are the plan's", async () => {
        await pebble.makeDir(at("work"));
        const more = { environment: { GREETING: "hello 'you'" }, "working-dir": at("work") };
        await pebble.addLayer("a", service(`/bin/sh -c 'pwd; echo "$GREETING"; exec sleep 60'`, more));
        await pebble.start(["web"]);
        const [pwd, greeting] = await pebble.logs();
        expect(pwd!.message.endsWith("/work")).toBe(true);
        expect(greeting!.message).toBe("hello 'you'");
      });
    });

    describe("changes", () => {
      test("are listed by state and service", async () => {
        await pebble.addLayer("a", service(SLEEPER));
        const { id } = await pebble.start(["web"]);
        expect((await pebble.changes({ select: "all" })).map((change) => change.id)).toContain(id);
        expect(await pebble.changes()).toEqual([]);
        expect(
          (await pebble.changes({ select: "ready", service: "web" })).map((change) => change.id),
        ).toEqual([id]);
        expect(await pebble.changes({ select: "ready", service: "other" })).toEqual([]);
        expect(await refusal(pebble.abortChange(id))).toMatchObject({
          status: 400,
          detail: `cannot abort change ${id} with nothing pending`,
        });
      });

      test("can be aborted: a start is killed, a command too", async () => {
        await pebble.addLayer(
          "a",
          service("/bin/sh -c 'echo up; exec sleep 60'", { "on-failure": "ignore" }),
        );
        const { change } = await raw("POST", "/v1/services", { action: "start", services: ["web"] });
        await until(
          () => pebble.logs(),
          (logs) => logs.length === 1,
        );
        expect(await pebble.abortChange(change)).toMatchObject({ status: "Abort", ready: false });
        expect(await pebble.waitChange(change)).toMatchObject({
          status: "Error",
          err: 'cannot perform the following tasks:\n- Start service "web" (start aborted, sent SIGKILL to process)',
        });
        expect(await pebble.services()).toMatchObject([{ current: "inactive" }]);
        const started = await pebble.startExec(["/bin/sleep", "60"]);
        await pebble.abortChange(started.changeId);
        expect(await started.result()).toMatchObject({ exitCode: 137 });
      });

      test("waiting gives up after its timeout", async () => {
        await pebble.addLayer("a", service(SLEEPER));
        const answer = await raw("POST", "/v1/services", { action: "start", services: ["web"] });
        const waited = await raw("GET", `/v1/changes/${answer.change}/wait?timeout=10ms`);
        expect(waited).toMatchObject({
          "status-code": 504,
          result: { message: "timed out waiting for change after 10ms" },
        });
        const error = await failure(pebble.waitChange(answer.change, { timeoutMs: 20 }));
        expect(error).toMatchObject({ code: "ERR_PEBBLE_CHANGE_TIMEOUT", changeId: answer.change });
        expect(await pebble.waitChange(answer.change)).toMatchObject({ status: "Done" });
      });
    });

    describe("logs", () => {
      test("keep lines of all services in order, n from the end", async () => {
        await pebble.addLayer("a", service("/bin/sh -c 'echo 1; echo 2; echo 3; exec sleep 60'"));
        await pebble.start(["web"]);
        const all = await pebble.logs({ n: -1 });
        expect(all.map(({ message }) => message)).toEqual(["1", "2", "3"]);
        expect(all[0]).toMatchObject({ service: "web", time: expect.stringMatching(/^\d{4}-.*Z$/) });
        expect((await pebble.logs({ n: 2 })).map(({ message }) => message)).toEqual(["2", "3"]);
        expect(await pebble.logs({ services: ["other"] })).toEqual([]);
      });

      test("follow what is written from now on", async () => {
        await pebble.addLayer(
          "a",
          service(`/bin/sh -c 'trap "echo more" HUP; echo old; while :; do sleep 0.02; done'`),
        );
        await pebble.start(["web"]);
        const following = pebble.followLogs();
        const first = following.next();
        const stop = new AbortController();
        const poke = async () => {
          while (!stop.signal.aborted) {
            await pebble.signal("SIGHUP", ["web"]);
            await new Promise((resolve) => setTimeout(resolve, 20));
          }
        };
        const poking = poke();
        expect((await first).value).toMatchObject({ service: "web", message: "more" });
        stop.abort();
        await poking;
        await following.return(undefined);
      });
    });

    describe("files", () => {
      test("are written whole, with mode, and read back", async () => {
        const bytes = new Uint8Array(300_000).map((_, index) => index % 251);
        await pebble.write(at('odd "name" \\ é.bin'), bytes, { permissions: "600" });
        expect(Buffer.from(await pebble.read(at('odd "name" \\ é.bin'))).equals(Buffer.from(bytes))).toBe(
          true,
        );
        const [entry] = await pebble.listFiles(at('odd "name" \\ é.bin'));
        expect(entry).toMatchObject({ type: "file", size: 300_000, permissions: "600" });
        await pebble.write(at("sub/dir/file"), "", { makeDirs: true });
        expect(await pebble.readText(at("sub/dir/file"))).toBe("");
        const [sub] = await pebble.listFiles(at("sub/dir"));
        expect(sub).toMatchObject({ name: "file", path: at("sub/dir/file"), size: 0, permissions: "644" });
        const [itself] = await pebble.listFiles(at("sub/dir"), { itself: true });
        expect(itself).toMatchObject({ name: "dir", type: "directory", permissions: "755" });
        expect(itself).not.toHaveProperty("size");
      });

      test("several in one request, each with its own outcome", async () => {
        const files = [
          { path: at("a"), content: "1" },
          { path: at("missing/b"), content: "2" },
        ];
        const error = (await failure(pebble.writeFiles(files))) as PebblePathError;
        expect(error).toBeInstanceOf(PebblePathError);
        expect(error).toMatchObject({ path: at("missing/b"), kind: "not-found" });
        expect(await pebble.readText(at("a"))).toBe("1");
      });

      test("are listed in name order, by pattern, links as links", async () => {
        for (const name of ["b.txt", "a.txt", "c.md"]) await pebble.write(at(name), name);
        await pebble.exec(["/bin/ln", "-s", "a.txt", "link.txt"], { workingDir: subject.directory });
        const names = async (pattern?: string) =>
          (await pebble.listFiles(subject.directory, pattern ? { pattern } : {})).map(({ name }) => name);
        expect(await names()).toEqual(["a.txt", "b.txt", "c.md", "link.txt"]);
        expect(await names("*.txt")).toEqual(["a.txt", "b.txt", "link.txt"]);
        expect(await names("[a-b].*")).toEqual(["a.txt", "b.txt"]);
        expect(await names("[^a].???")).toEqual(["b.txt"]);
        expect(
          (await pebble.listFiles(subject.directory)).find(({ name }) => name === "link.txt"),
        ).toMatchObject({ type: "symlink" });
        expect(await pebble.readText(at("link.txt"))).toBe("a.txt");
        expect(await refusal(pebble.listFiles(subject.directory, { pattern: "[" }))).toMatchObject({
          status: 400,
          kind: "generic-file-error",
          detail: "syntax error in pattern",
        });
      });

      test.each<
        [string, (pebble: PebbleClient, at: (name: string) => string) => Promise<unknown>, string, RegExp]
      >([
        [
          "read a missing file",
          (p, at) => p.read(at("none")),
          "not-found",
          /: stat .*\/none: no such file or directory$/,
        ],
        [
          "read a directory",
          (p, at) => p.read(at("")),
          "generic-file-error",
          /: can only read a regular file: ".*"$/,
        ],
        [
          "read a relative path",
          (p) => p.read("a"),
          "generic-file-error",
          /: paths must be absolute, got "a"$/,
        ],
        [
          "write to a missing directory",
          (p, at) => p.write(at("no/a"), ""),
          "not-found",
          /: open .*no such file or directory$/,
        ],
        [
          "write with a long mode",
          (p, at) => p.write(at("a"), "", { permissions: "0644" }),
          "generic-file-error",
          /: permissions must be a 3-digit octal string, got "0644"$/,
        ],
        [
          "write with a wrong mode",
          (p, at) => p.write(at("a"), "", { permissions: "9ab" }),
          "generic-file-error",
          /: permissions must be a 3-digit octal string, got "9ab"$/,
        ],
        [
          "make a directory twice",
          (p, at) => p.makeDir(at("d")).then(() => p.makeDir(at("d"))),
          "generic-file-error",
          /: mkdir .*\/d: file exists$/,
        ],
        [
          "make a directory without its parent",
          (p, at) => p.makeDir(at("x/y")),
          "not-found",
          /: mkdir .*\/x\/y.*: no such file or directory$/,
        ],
        [
          "make a directory below a file",
          (p, at) => p.write(at("f"), "").then(() => p.makeDir(at("f/d"), { makeParents: true })),
          "generic-file-error",
          /: mkdir .*\/f: not a directory$/,
        ],
        [
          "remove a missing file",
          (p, at) => p.remove(at("none")),
          "not-found",
          /: remove .*\/none: no such file or directory$/,
        ],
        [
          "remove a full directory",
          (p, at) => p.write(at("d/f"), "", { makeDirs: true }).then(() => p.remove(at("d"))),
          "generic-file-error",
          /: remove .*\/d: directory not empty$/,
        ],
      ])("cannot %s", async (_what, act, kind, message) => {
        const error = (await failure(act(pebble, at))) as PebblePathError;
        expect(error).toBeInstanceOf(PebblePathError);
        expect(error.kind).toBe(kind);
        expect(error.message).toMatch(message);
      });

      test("directories are made with their parents, and removed with all in them", async () => {
        await pebble.makeDir(at("x/y/z"), { makeParents: true, permissions: "700" });
        await pebble.makeDir(at("x/y/z"), { makeParents: true });
        expect(await pebble.listFiles(at("x/y"))).toMatchObject([{ name: "z", permissions: "700" }]);
        await pebble.remove(at("x"), { recursive: true });
        await pebble.remove(at("x"), { recursive: true });
        expect(await refusal(pebble.listFiles(at("x")))).toMatchObject({ status: 404, kind: "not-found" });
      });

      test.each([
        ["a short boundary", "short", 'invalid boundary "short"'],
        ["no parts", "b".repeat(32), "cannot read request metadata: "],
      ])("multipart with %s is refused", async (_what, boundary, message) => {
        const headers = { "content-type": `multipart/form-data; boundary=${boundary}` };
        const answer = await subject.transport.request({
          method: "POST",
          path: "/v1/files",
          headers,
          body: new Uint8Array(),
        });
        expect(answer.status).toBe(400);
        expect(JSON.parse(new TextDecoder().decode(answer.body)).result.message).toContain(message);
      });
    });

    describe("exec", () => {
      test("gives input, takes output apart, and says how it ended", async () => {
        const script = 'read line; echo "got $line"; echo problem >&2; exit 5';
        const started = await pebble.startExec(["/bin/sh", "-c", script], { stdin: "some input\n" });
        expect(await started.result()).toEqual({
          exitCode: 5,
          stdout: "got some input\n",
          stderr: "problem\n",
        });
        const change = await pebble.change(started.changeId);
        expect(change).toMatchObject({ kind: "exec", summary: 'Execute command "/bin/sh"', status: "Done" });
        expect(change.tasks[0]!.data).toEqual({ "exit-code": 5 });
      });

      test("without input a program that reads sees the end", async () => {
        expect(await pebble.exec(["/bin/cat"])).toEqual({ exitCode: 0, stdout: "", stderr: "" });
      });

      test("moves much in both directions", async () => {
        const stdin = "0123456789abcdef\n".repeat(20_000);
        const { stdout } = await pebble.exec(["/bin/cat"], { stdin });
        expect(stdout === stdin).toBe(true);
      });

      test("standard error goes into standard output when asked", async () => {
        const options = { combineStderr: true };
        const { stdout, stderr } = await pebble.exec(["/bin/sh", "-c", "echo out; echo err >&2"], options);
        expect({ lines: stdout.split("\n").sort(), stderr }).toEqual({
          lines: ["", "err", "out"],
          stderr: "",
        });
      });

      test("a failed command is an error with its words", async () => {
        const error = await failure(pebble.exec(["/bin/sh", "-c", "echo no >&2; exit 7"]));
        expect(error).toBeInstanceOf(ExecError);
        expect(error).toMatchObject({ program: "/bin/sh", exitCode: 7, stderr: "no\n" });
      });

      test("signals reach it", async () => {
        const started = await pebble.startExec(["/bin/sleep", "60"]);
        started.signal("SIGTERM");
        expect(await started.result()).toMatchObject({ exitCode: 143 });
      });

      test("is killed when it takes too long", async () => {
        const error = (await failure(pebble.exec(["/bin/sleep", "60"], { timeoutMs: 100 }))) as ChangeError;
        expect(error).toBeInstanceOf(ChangeError);
        expect(error.change.err).toContain("timed out after 100ms: context deadline exceeded");
        expect(error.change.tasks[0]!.data).toEqual({ "exit-code": -1 });
      });

      test("runs where and with what it is told, on top of a service's", async () => {
        await pebble.makeDir(at("here"));
        await pebble.addLayer(
          "a",
          service(SLEEPER, { environment: { A: "1", B: "1" }, "working-dir": at("here") }),
        );
        const script = "echo $A $B $C; pwd";
        const { stdout } = await pebble.exec(["/bin/sh", "-c", script], {
          serviceContext: "web",
          environment: { B: "2", C: "3" },
        });
        expect(stdout).toMatch(/^1 2 3\n.*\/here\n$/);
      });

      test.each([
        ["an unknown context", { serviceContext: "x" }, 400, 'context service "x" not found'],
        [
          "a missing directory",
          { workingDir: "/no/such/dir" },
          500,
          'cannot call exec: working directory "/no/such/dir" does not exist',
        ],
      ])("%s is refused", async (_what, options, status, detail) => {
        expect(await refusal(pebble.exec(["/bin/true"], options))).toMatchObject({ status, detail });
      });

      test("its websockets are connected once, by their names", async () => {
        const { result } = await raw("POST", "/v1/exec", { command: ["/bin/cat"] });
        const open = (name: string) =>
          subject.transport.websocket!(`/v1/tasks/${result["task-id"]}/websocket/${name}`);
        const control = await open("control");
        expect(await failure(open("control"))).toMatchObject({
          message: expect.stringContaining("status 500"),
        });
        expect(await failure(open("stderr"))).toMatchObject({
          message: expect.stringContaining("status 404"),
        });
        const stdio = await open("stdio");
        stdio.send(JSON.stringify({ command: "end" }));
        for await (const message of stdio.messages) if (typeof message === "string") break;
        for (const socket of [control, stdio]) socket.close();
      });
    });

    describe("checks", () => {
      const failing = (more: object = {}): Layer => ({
        checks: {
          up: {
            override: "replace",
            period: "50ms",
            threshold: 2,
            exec: { command: `/bin/ls ${at("flag")}` },
            ...more,
          },
        },
      });

      test("go down at their threshold and recover, with a change and a notice each", async () => {
        await pebble.write(at("flag"), "");
        await pebble.addLayer("a", failing({ level: "ready" }));
        const [first] = await pebble.checks();
        expect(first).toMatchObject({
          name: "up",
          level: "ready",
          startup: "enabled",
          status: "up",
          threshold: 2,
        });
        await until(
          () => pebble.checks(),
          ([up]) => up!.successes > 0,
        );
        expect(await pebble.healthy()).toBe(true);
        await pebble.remove(at("flag"));
        const [down] = await until(
          () => pebble.checks(),
          ([up]) => up!.status === "down",
        );
        expect(down).toMatchObject({ "prev-change-id": first!["change-id"] });
        expect(await pebble.healthy()).toBe(false);
        expect(await pebble.healthy({ level: "alive" })).toBe(true);
        const performed = await pebble.change(first!["change-id"]!);
        expect(performed).toMatchObject({
          kind: "perform-check",
          summary: 'Perform exec check "up"',
          status: "Error",
        });
        expect(performed.err).toMatch(
          /^cannot perform the following tasks:\n- Perform exec check "up" \(exit status [12]; .*No such file/s,
        );
        await pebble.write(at("flag"), "");
        await until(
          () => pebble.checks(),
          ([up]) => up!.status === "up",
        );
        const recovered = await pebble.change(down!["change-id"]!);
        expect(recovered).toMatchObject({
          kind: "recover-check",
          summary: 'Recover exec check "up"',
          status: "Done",
        });
        const notices = await pebble.notices({
          types: ["change-update"],
          keys: [first!["change-id"]!, down!["change-id"]!],
        });
        expect(notices.map((notice) => notice["last-data"])).toEqual([
          { kind: "perform-check", "check-name": "up" },
          { kind: "recover-check", "check-name": "up" },
        ]);
        expect(notices[0]).toMatchObject({ "user-id": null, type: "change-update" });
      });

      test("restart a service when they go down", async () => {
        await pebble.addLayer(
          "a",
          service("/bin/sh -c 'echo up; exec sleep 60'", {
            "on-check-failure": { up: "restart" },
            "backoff-delay": "10ms",
          }),
        );
        await pebble.start(["web"]);
        await pebble.addLayer("b", failing());
        await until(
          () => pebble.logs(),
          (logs) => logs.length >= 2,
        );
        await until(
          () => pebble.services(),
          ([web]) => web!.current === "active",
        );
      });

      test("are stopped, started and refreshed by name", async () => {
        await pebble.addLayer("a", failing({ period: "1h", startup: "disabled" }));
        expect(await pebble.checks()).toEqual([
          { name: "up", startup: "disabled", status: "inactive", successes: 0, threshold: 2 },
        ]);
        const dry = await pebble.refreshCheck("up");
        expect(dry.error).toMatch(/^exit status [12]; /);
        expect(dry.info).toMatchObject({ status: "inactive" });
        expect(await pebble.startChecks(["up"])).toEqual(["up"]);
        expect(await pebble.startChecks(["up"])).toEqual([]);
        expect((await pebble.refreshCheck("up")).info).toMatchObject({ status: "up", failures: 1 });
        expect((await pebble.refreshCheck("up")).error).toMatch(/^exit status/);
        await until(
          () => pebble.checks(),
          ([up]) => up!.status === "down",
        );
        const id = (await pebble.checks())[0]!["change-id"]!;
        expect(await pebble.stopChecks(["up"])).toEqual(["up"]);
        expect(await pebble.checks()).toMatchObject([{ status: "inactive", failures: 2 }]);
        expect(
          await until(
            () => pebble.change(id),
            ({ ready }) => ready,
          ),
        ).toMatchObject({ status: "Done" });
        expect(await pebble.stopChecks(["up"])).toEqual([]);
      });

      test("a changed check starts afresh, an unchanged one goes on", async () => {
        await pebble.addLayer("a", failing({ period: "1h" }));
        const [first] = await pebble.checks();
        await pebble.addLayer("b", service(SLEEPER));
        expect(await pebble.checks()).toEqual([first]);
        await pebble.addLayer("a", failing({ period: "2h" }));
        const [second] = await pebble.checks();
        expect(second!["change-id"]).not.toBe(first!["change-id"]);
        expect(
          await until(
            () => pebble.change(first!["change-id"]!),
            ({ ready }) => ready,
          ),
        ).toMatchObject({ status: "Done" });
      });

      test.each([
        ["tcp", { tcp: { port: 1 } }, /^dial tcp .*:1: connect: connection refused$/],
        [
          "http",
          { http: { url: "http://localhost:1/x" } },
          /^Get "http:\/\/localhost:1\/x": dial tcp .*:1: connect: connection refused$/,
        ],
        [
          "exec that takes too long",
          { exec: { command: "/bin/sleep 60" }, timeout: "50ms" },
          /^check timed out after 50ms$/,
        ],
      ])("%s says why it failed", async (_kind, check, message) => {
        await pebble.addLayer("a", { checks: { up: { override: "replace", period: "1h", ...check } } });
        expect((await pebble.refreshCheck("up")).error).toMatch(message);
      });
    });

    describe("notices", () => {
      test("count repeats, and move in time only after their pause", async () => {
        const key = "example.com/thing";
        const id = await pebble.notify(key, { data: { n: "1" } });
        const [first] = await pebble.notices({ types: ["custom"] });
        expect(first).toMatchObject({
          id,
          type: "custom",
          key,
          occurrences: 1,
          "last-data": { n: "1" },
          "expire-after": "168h0m0s",
        });
        expect(first!["user-id"]).toBe(process.getuid!());
        expect(await pebble.notify(key, { data: { n: "2" }, repeatAfterMs: 3_600_000 })).toBe(id);
        const quiet = await pebble.notice(id);
        expect(quiet).toMatchObject({ occurrences: 2, "last-data": { n: "2" }, "repeat-after": "1h0m0s" });
        expect(quiet["last-repeated"]).toBe(first!["last-repeated"]);
        await pebble.notify(key);
        const after = first!["last-repeated"];
        expect(await pebble.notices({ after, keys: [key] })).toMatchObject([{ id, occurrences: 3 }]);
      });

      test("are waited for, and an empty list is no error", async () => {
        expect(await pebble.notices({ types: ["custom"], timeoutMs: 20 })).toEqual([]);
        expect(await pebble.notices({ types: ["unheard-of"], timeoutMs: 60_000 })).toEqual([]);
        const waiting = pebble.notices({ types: ["custom"], users: "all", timeoutMs: 10_000 });
        await pebble.notify("example.com/late");
        expect(await waiting).toMatchObject([{ key: "example.com/late" }]);
      });

      test("come in the order in which they last repeated, none twice", async () => {
        for (const name of ["a", "b", "c", "a"]) await pebble.notify(`example.com/${name}`);
        const keys = (await pebble.notices({ types: ["custom"] })).map(({ key }) => key);
        expect(keys).toEqual(["example.com/b", "example.com/c", "example.com/a"]);
      });

      test.each([
        ["users=me", 'invalid "users" filter: must be "all"'],
        ["users=all&user-id=1", 'cannot use both "users" and "user-id" parameters'],
        ["after=x", 'invalid "after" timestamp: '],
        ["timeout=x", "invalid timeout: "],
      ])("filter %s is refused", async (query, message) => {
        const answer = await raw("GET", `/v1/notices?${query}`);
        expect(answer["status-code"]).toBe(400);
        expect(answer.result.message).toContain(message);
      });
    });
  });
}
