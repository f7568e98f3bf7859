import { describe, expect, test } from "vitest";
import type { Layer } from "../index.ts";
import { type Ground, refusal, service } from "./ground.ts";

export function layers(on: Ground): void {
  describe("layers", () => {
    test("combine by label, in place, and print in Pebble's spelling", async () => {
      const base = {
        override: "replace",
        command: "/bin/true",
        environment: { A: "1", B: "true" },
      } as const;
      await on.pebble.addLayer("one", { services: { web: { ...base, after: ["db"] }, db: base } });
      await on.pebble.addLayer("two", {
        checks: { up: { override: "replace", tcp: { port: 80 }, period: "1m30s" } },
      });
      const more = {
        override: "merge",
        environment: { B: "2" },
        after: ["db"],
        "kill-delay": "1500ms",
      } as const;
      await on.pebble.addLayer("one", { services: { web: more } });
      const plan = await on.pebble.plan();
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
      await on.pebble.addLayer("yaml", yaml);
      const { services } = await on.pebble.plan();
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
      ["words behind the group", service("a [ b ] c"), /cannot have any arguments after \[ \.\.\. \] group$/],
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
      const { status, detail } = await refusal(on.pebble.addLayer("bad", layer));
      expect({ status, detail }).toEqual({ status: 400, detail: expect.stringMatching(message) });
      expect(await on.pebble.planYaml()).toBe("{}\n");
    });

    test("refuse a known label without combine, and a layer between others without inner", async () => {
      await on.pebble.addLayer("a/one", service("/bin/true"), { combine: false });
      expect(await refusal(on.pebble.addLayer("a/one", {}, { combine: false }))).toMatchObject({
        status: 400,
        detail: 'layer "a/one" already exists',
      });
      await on.pebble.addLayer("b", {});
      expect(await refusal(on.pebble.addLayer("a/two", {}))).toMatchObject({
        status: 500,
        detail: "cannot insert sub-directory layer without 'inner' attribute set",
      });
      expect(await refusal(on.pebble.addLayer("pebble-x", {}))).toMatchObject({
        detail: 'cannot parse layer YAML: cannot use reserved label prefix "pebble-"',
      });
    });

    test("go between others with inner: what is above still wins, what is below does not", async () => {
      const { pebble } = on;
      await pebble.addLayer("a/one", { services: { one: { override: "replace", command: "/bin/true" } } });
      await pebble.addLayer("b", service("/bin/false"));
      const between = { override: "replace", command: "/bin/echo" } as const;
      await pebble.addLayer("a/two", { services: { one: between, web: between } }, { inner: true });
      const { services } = await pebble.plan();
      expect([services["one"]?.command, services["web"]?.command]).toEqual(["/bin/echo", "/bin/false"]);
    });
  });
}
