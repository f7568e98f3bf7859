import { hostname } from "node:os";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { LogTarget, Service } from "../index.ts";
import { type Ground, heard, until } from "./ground.ts";
import { type HttpSink, httpSink, tcpSink, udpSink } from "./log-sinks.ts";

/** Says these lines, as a shell does, and stays. */
const says = (lines: string): Service => ({
  override: "replace",
  command: `/bin/sh -c '${lines}; exec sleep 60'`,
});

/** A service that writes one more line at each SIGHUP: `more 1`, `more 2`. */
const TALKER: Service = {
  override: "replace",
  command: `/bin/sh -c 'n=0; trap "n=\\$((n+1)); echo more \\$n" HUP; echo old; while :; do sleep 0.02; done'`,
};

interface LokiStream {
  readonly stream: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [string, string])[];
}

/** Messages with their length before each. */
function framesOf(text: string): string[] {
  const frames: string[] = [];
  for (let rest = text; rest !== ""; ) {
    const at = rest.indexOf(" ") + 1;
    const end = at + Number(rest.slice(0, at));
    frames.push(rest.slice(at, end));
    rest = rest.slice(end);
  }
  return frames;
}

const streamsOf = (body: { readonly streams: readonly LokiStream[] }) =>
  body.streams.map(({ stream, values }) => [stream["pebble_service"], values.map(([, line]) => line)]);

export function logTargets(on: Ground): void {
  describe("log targets", () => {
    let sink: HttpSink;
    beforeEach(async () => {
      sink = await httpSink();
    });
    afterEach(() => sink.close());

    const add = (services: Record<string, Service>, targets: Record<string, LogTarget>, label = "a") =>
      on.pebble.addLayer(label, { services, "log-targets": targets }, { combine: true });
    const loki = (more: Partial<LogTarget> = {}): LogTarget => ({
      override: "replace",
      type: "loki",
      location: `${sink.url}/loki/api/v1/push`,
      services: ["all"],
      ...more,
    });
    const linesReceived = () =>
      sink.requests.flatMap(({ body }) => streamsOf(body).flatMap(([, lines]) => lines));

    test("loki: the lines of the services that are meant, a batch a second, labels from their environment", async () => {
      const services = {
        web: { ...says('echo 1; echo 2 >&2; echo "<3>"'), environment: { APP: "shop", ZONE: "eu" } },
        api: says("echo a"),
        noise: says("echo x"),
      };
      const braced = (name: string) => `$\{${name}}`;
      const labels = {
        app: `$APP-${braced("ZONE")}`,
        plain: "p",
        none: "[$NOBODY]",
        cost: "5$",
        all: `${braced("")}$$x`,
      };
      await add(services, { one: loki({ services: ["all", "-noise"], labels }) });
      await on.pebble.start(["web", "api", "noise"]);
      await until(
        async () => linesReceived(),
        (lines) => lines.length >= 4,
      );
      for (const { method, path, headers } of sink.requests) {
        expect([method, path]).toEqual(["POST", "/loki/api/v1/push"]);
        expect(headers["content-type"]).toBe("application/json; charset=utf-8");
        expect(headers["user-agent"]).toMatch(/^pebble\/v?1\./);
      }
      const streams: LokiStream[] = sink.requests.flatMap(({ body }) => body.streams);
      const web = streams.filter(({ stream }) => stream["pebble_service"] === "web");
      expect(web.flatMap(({ values }) => values.map(([, line]) => line)).sort()).toEqual(["1", "2", "<3>"]);
      expect(web[0]?.stream).toEqual({
        app: "shop-eu",
        plain: "p",
        none: "[]",
        cost: "5$",
        all: "x",
        pebble_service: "web",
      });
      expect(web[0]?.values[0]?.[0]).toMatch(/^\d{13}000000$/);
      expect(streams.some(({ stream }) => stream["pebble_service"] === "noise")).toBe(false);
      for (const { body } of sink.requests) {
        const names = streamsOf(body).map(([name]) => name);
        expect(names).toEqual([...names].sort());
      }
    });

    test("a target that comes later gets what was kept; each change of the plan sends that again", async () => {
      await add({ web: says("echo 1; echo 2") }, {});
      await on.pebble.start(["web"]);
      await heard(on, "2");
      await add({}, { late: loki() });
      await sink.received(1);
      expect(linesReceived()).toEqual(["1", "2"]);
      await add({}, {}, "b");
      await sink.received(2);
      expect(linesReceived()).toEqual(["1", "2", "1", "2"]);
    });

    test("what a server cannot take now is sent again with the next line; what it refuses is dropped", async () => {
      sink.status = 500;
      await add({ web: TALKER }, { one: loki() });
      await on.pebble.start(["web"]);
      await sink.received(1);
      sink.status = 429;
      await on.pebble.signal("SIGHUP", ["web"]);
      await sink.received(2);
      sink.status = 400;
      await on.pebble.signal("SIGHUP", ["web"]);
      await sink.received(3);
      sink.status = 204;
      await on.pebble.signal("SIGHUP", ["web"]);
      await sink.received(4);
      expect(sink.requests.map(({ body }) => streamsOf(body)[0]?.[1])).toEqual([
        ["old"],
        ["old", "more 1"],
        ["old", "more 1", "more 2"],
        ["more 3"],
      ]);
    });

    test("a hundred lines are sent at once, and of those that cannot be sent the last hundred are kept", async () => {
      sink.status = 503;
      await add({ web: says("i=0; while [ $i -lt 130 ]; do echo $i; i=$((i+1)); done") }, { one: loki() });
      await on.pebble.start(["web"]);
      const [first, second] = await sink.received(2);
      const lines = (count: number, from: number) =>
        Array.from({ length: count }, (_none, n) => String(n + from));
      expect(streamsOf(first?.body)).toEqual([["web", lines(100, 0)]]);
      expect(streamsOf(second?.body)).toEqual([["web", lines(100, 30)]]);
    });

    test("nothing is sent for nobody, and a target that is turned off is sent nothing more", async () => {
      await add({ web: TALKER }, { one: loki(), none: loki({ services: [] }) });
      await on.pebble.start(["web"]);
      await sink.received(1);
      await add({}, { one: loki({ services: ["-all"] }) });
      const other = await httpSink();
      await add({}, { other: loki({ location: `${other.url}/x` }) });
      await on.pebble.signal("SIGHUP", ["web"]);
      await until(
        async () => other.requests.flatMap(({ body }) => streamsOf(body).flatMap(([, lines]) => lines)),
        (lines) => lines.includes("more 1"),
      );
      expect(linesReceived()).toEqual(["old"]);
      await other.close();
    });

    test("a target stays at the place it had first", async () => {
      const other = await httpSink();
      await add({ web: TALKER }, { one: loki() });
      await on.pebble.start(["web"]);
      await sink.received(1);
      await add({}, { one: loki({ location: `${other.url}/moved` }) });
      await on.pebble.signal("SIGHUP", ["web"]);
      await until(
        async () => linesReceived(),
        (lines) => lines.includes("more 1"),
      );
      expect(other.requests).toEqual([]);
      await other.close();
    });

    test("opentelemetry: services as resources, labels as their attributes", async () => {
      const labels = { zone: "$ZONE", app: "shop" };
      const target: LogTarget = { ...loki({ labels }), type: "opentelemetry", location: sink.url };
      await add({ web: { ...says("echo 1"), environment: { ZONE: "eu" } } }, { one: target });
      await on.pebble.start(["web"]);
      const [request] = await sink.received(1);
      expect([request?.path, request?.headers["content-type"]]).toEqual(["/v1/logs", "application/json"]);
      const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
      expect(request?.body).toEqual({
        resourceLogs: [
          {
            resource: { attributes: [text("service.name", "web"), text("app", "shop"), text("zone", "eu")] },
            scopeLogs: [
              {
                scope: { name: "pebble" },
                logRecords: [
                  { timeUnixNano: expect.stringMatching(/^\d{13}000000$/), body: { stringValue: "1" } },
                ],
              },
            ],
          },
        ],
      });
    });

    const TIME = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z`;

    test("syslog over TCP: each line with its length before it", async () => {
      const text = await tcpSink();
      const labels = { app: 'a "b" ] \\' };
      const target: LogTarget = { ...loki({ labels }), type: "syslog", location: text.url };
      await add({ web: says("echo 1; echo zwei") }, { one: target });
      await on.pebble.start(["web"]);
      const said = await until(
        async () => text.chunks.join(""),
        (all) => all.endsWith("zwei"),
      );
      const data = String.raw`[pebble@28978 app="a \"b\" \] \\"]`;
      expect(framesOf(said).map((one) => one.replace(new RegExp(TIME), "T"))).toEqual([
        `<13>1 T ${hostname()} web - - ${data} 1`,
        `<13>1 T ${hostname()} web - - ${data} zwei`,
      ]);
      await text.close();
    });

    test("syslog over UDP: each line a datagram", async () => {
      const text = await udpSink();
      const target: LogTarget = { ...loki(), type: "syslog", location: text.url };
      await add({ web: says("echo 1; echo zwei") }, { one: target });
      await on.pebble.start(["web"]);
      const all = await until(
        async () => text.chunks,
        (said) => said.length >= 2,
      );
      expect(all.map((one) => one.replace(new RegExp(TIME), "T"))).toEqual([
        `<13>1 T ${hostname()} web - - [pebble@28978] 1`,
        `<13>1 T ${hostname()} web - - [pebble@28978] zwei`,
      ]);
      await text.close();
    });

    test("what is not sent yet is sent when Pebble ends", async () => {
      await add({ web: says("echo last") }, { one: loki() });
      await on.pebble.start(["web"]);
      await heard(on, "last");
      await on.end();
      expect(linesReceived()).toEqual(["last"]);
    });
  });
}
